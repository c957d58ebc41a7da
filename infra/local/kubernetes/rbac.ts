import { z } from "zod";
import type { Store } from "./objects.ts";

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a request wants to do: with a resource, or with a path that is none. */
export type Attributes =
  | {
      readonly verb: string;
      readonly group: string;
      /** With its subresource: `pods/status`. */
      readonly resource: string;
      readonly namespace?: string | undefined;
      readonly name?: string | undefined;
    }
  | { readonly verb: string; readonly path: string };

const rule = z.looseObject({
  verbs: z.array(z.string()).default([]),
  apiGroups: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
  resourceNames: z.array(z.string()).default([]),
  nonResourceURLs: z.array(z.string()).default([]),
});
const role = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  rules: z.array(rule).nullish(),
});
const binding = z.looseObject({
  metadata: z.looseObject({ namespace: z.string().optional() }),
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .nullish(),
});

type Rule = z.infer<typeof rule>;

const group = "rbac.authorization.k8s.io";

/** Whether the roles and bindings of a cluster allow a request (Kubernetes, "Using RBAC Authorization"). Group system:masters may do all. */
export function allows(store: Store, user: User, asked: Attributes): boolean {
  const namespace = "path" in asked ? undefined : asked.namespace;
  return rulesFor(store, user, namespace).some((one) => permits(one, asked));
}

/** All rules that a user has: in the whole cluster, and in a namespace. */
export function rulesFor(store: Store, user: User, namespace: string | undefined): readonly Rule[] {
  if (user.groups.includes("system:masters")) return everything;
  const wide = bindings(store, "clusterrolebindings").filter((one) => binds(one, user));
  const narrow =
    namespace === undefined
      ? []
      : bindings(store, "rolebindings").filter(
          (one) => one.metadata.namespace === namespace && binds(one, user),
        );
  return [...wide, ...narrow].flatMap((one) => rulesOf(store, one));
}

const any = ["*"];
const everything: readonly Rule[] = [
  { verbs: any, apiGroups: any, resources: any, resourceNames: [], nonResourceURLs: [] },
  { verbs: any, apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: any },
];

const bindings = (store: Store, plural: string) =>
  store.list({ group, version: "v1", plural }).items.map((one) => binding.parse(one));

function binds(one: z.infer<typeof binding>, user: User): boolean {
  return (one.subjects ?? []).some((subject) => {
    switch (subject.kind) {
      case "User":
        return subject.name === user.name;
      case "Group":
        return user.groups.includes(subject.name);
      case "ServiceAccount":
        return (
          user.name ===
          `system:serviceaccount:${subject.namespace ?? one.metadata.namespace ?? ""}:${subject.name}`
        );
      default:
        return false;
    }
  });
}

function rulesOf(store: Store, one: z.infer<typeof binding>): readonly Rule[] {
  const wide = one.roleRef.kind === "ClusterRole";
  const all = store.list(
    { group, version: "v1", plural: wide ? "clusterroles" : "roles" },
    wide ? undefined : one.metadata.namespace,
  );
  const found = all.items.find((each) => each.metadata.name === one.roleRef.name);
  return found === undefined ? [] : (role.parse(found).rules ?? []);
}

const has = (list: readonly string[], value: string): boolean => list.includes("*") || list.includes(value);

function permits(one: Rule, asked: Attributes): boolean {
  if (!has(one.verbs, asked.verb)) return false;
  if ("path" in asked)
    return one.nonResourceURLs.some((url) =>
      url.endsWith("*") ? asked.path.startsWith(url.slice(0, -1)) : url === asked.path,
    );
  const [, sub] = asked.resource.split("/");
  const resource =
    has(one.resources, asked.resource) || (sub !== undefined && one.resources.includes(`*/${sub}`));
  const named =
    one.resourceNames.length === 0 || (asked.name !== undefined && one.resourceNames.includes(asked.name));
  return has(one.apiGroups, asked.group) && resource && named;
}
