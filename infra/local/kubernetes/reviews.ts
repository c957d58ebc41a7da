import { z } from "zod";
import type { Store } from "./objects.ts";
import { fieldsOf, messageIn } from "./protobuf.ts";
import { allows, rulesFor, type Attributes, type User } from "./rbac.ts";
import type { Json } from "./schema.ts";
import { badRequest } from "./status.ts";

/** What a user may ask about himself (authorization.k8s.io/v1), as the last part of its URL. */
export type Review = "selfsubjectaccessreviews" | "selfsubjectrulesreviews";

/** Which review a path asks for, if any. */
export const reviewAt = (path: string): Review | undefined =>
  (["selfsubjectaccessreviews", "selfsubjectrulesreviews"] as const).find(
    (one) => path === `/apis/authorization.k8s.io/v1/${one}`,
  );

/** Answers `kubectl auth can-i`, and `--list` of it, by the roles and bindings that there are. */
export function review(store: Store, user: User, asked: Review, body: Buffer): Json {
  const spec = specOf(asked, body);
  const about = (kind: string, status: Json): Json => ({
    kind,
    apiVersion: "authorization.k8s.io/v1",
    metadata: {},
    spec,
    status,
  });
  return asked === "selfsubjectaccessreviews"
    ? about("SelfSubjectAccessReview", { allowed: allows(store, user, attributesIn(spec)) })
    : about("SelfSubjectRulesReview", rulesReview(store, user, spec.namespace));
}

const ofResource = z.object({
  namespace: z.string().default(""),
  verb: z.string().default(""),
  group: z.string().default(""),
  version: z.string().default(""),
  resource: z.string().default(""),
  subresource: z.string().default(""),
  name: z.string().default(""),
});
const ofPath = z.object({ path: z.string().default(""), verb: z.string().default("") });
const specs = z.object({
  namespace: z.string().default(""),
  resourceAttributes: ofResource.optional(),
  nonResourceAttributes: ofPath.optional(),
});
type Spec = z.infer<typeof specs>;

/** What is asked, in JSON or in protobuf. */
function specOf(asked: Review, body: Buffer): Spec {
  try {
    const message = messageIn(body);
    return message === undefined
      ? z.looseObject({ spec: specs }).parse(JSON.parse(body.toString())).spec
      : specs.parse(specIn(asked, message));
  } catch (error) {
    throw badRequest(`the body of the request is no question that is understood: ${String(error)}`);
  }
}

/** Fields by the numbers that they have in authorization/v1/generated.proto, where the spec is the second. */
function specIn(asked: Review, message: Buffer): unknown {
  const spec = fieldsOf(fieldsOf(message).get(2) ?? Buffer.alloc(0));
  if (asked === "selfsubjectrulesreviews") return { namespace: spec.get(1)?.toString() };
  const named = (field: number, names: readonly string[]): unknown => {
    const part = spec.get(field);
    if (part === undefined) return undefined;
    const fields = fieldsOf(part);
    return Object.fromEntries(names.map((name, index) => [name, fields.get(index + 1)?.toString()]));
  };
  return {
    resourceAttributes: named(1, Object.keys(ofResource.shape)),
    nonResourceAttributes: named(2, Object.keys(ofPath.shape)),
  };
}

function attributesIn({ resourceAttributes: about, nonResourceAttributes: other }: Spec): Attributes {
  if (about === undefined) return { verb: other?.verb ?? "", path: other?.path ?? "" };
  const { verb, group, resource, subresource, namespace, name } = about;
  return {
    verb,
    group,
    resource: subresource === "" ? resource : `${resource}/${subresource}`,
    namespace: namespace === "" ? undefined : namespace,
    name: name === "" ? undefined : name,
  };
}

function rulesReview(store: Store, user: User, namespace: string): Json {
  const rules = rulesFor(store, user, namespace);
  return {
    resourceRules: rules
      .filter((one) => one.resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
      })),
    nonResourceRules: rules
      .filter((one) => one.nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}
