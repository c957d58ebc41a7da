import { z } from "zod";
import { isRouteKind, routeKinds } from "../../../functions/model/routes.ts";
import type { Cluster } from "../fleet/cluster.ts";
import type { KubeObject } from "../kubernetes/objects.ts";

/** Both names under which Espalier speaks, one per GatewayClass. */
const ours: ReadonlySet<string> = new Set([
  "application-networking.k8s.aws/gateway-api-controller",
  "espalier.dev/gateway-controller",
]);

const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  observedGeneration: z.number().default(0),
});
export type SeenCondition = z.infer<typeof condition>;

const conditioned = z.looseObject({ conditions: z.array(condition).default([]) });
const gatewayClass = z.looseObject({
  spec: z.looseObject({ controllerName: z.string() }),
  status: conditioned.default({ conditions: [] }),
});
const gateway = z.looseObject({ spec: z.looseObject({ gatewayClassName: z.string().default("") }) });
const listening = z.looseObject({
  status: conditioned
    .extend({
      listeners: z
        .array(z.looseObject({ name: z.string(), conditions: z.array(condition).default([]) }))
        .default([]),
    })
    .default({ conditions: [], listeners: [] }),
});
const parentRef = z.object({
  kind: z.string().default("Gateway"),
  namespace: z.string().optional(),
  name: z.string(),
  sectionName: z.string().optional(),
  port: z.number().optional(),
});
type ParentRef = z.infer<typeof parentRef>;
const listenerSet = z.looseObject({ spec: z.looseObject({ parentRef }) });
const route = z.looseObject({
  spec: z.looseObject({ parentRefs: z.array(parentRef).default([]) }),
  status: z
    .looseObject({
      parents: z
        .array(
          z.looseObject({
            parentRef,
            controllerName: z.string(),
            conditions: z.array(condition).default([]),
          }),
        )
        .default([]),
    })
    .default({ parents: [] }),
});

/** An object of ours, with the conditions that we say of it. */
export interface Said {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly conditions: readonly SeenCondition[];
  /** Of a route: what is said of it at each parent of ours, in the order of its spec. */
  readonly parents: readonly SeenParent[];
  /** What is not said yet; undefined when all is. */
  readonly waiting?: Remark | undefined;
  /** What failed and is not tried again before something changes. */
  readonly failed?: Remark | undefined;
  /** What is not as its user wrote it, and stays so until somebody changes something. */
  readonly refused: readonly Remark[];
}

/** One parent of a route, and the conditions that are said of what is written now. */
export interface SeenParent {
  /** In words, such as `Gateway shop/net, listener https`, as parentText has it. */
  readonly text: string;
  readonly conditions: readonly SeenCondition[];
}

/** Something that is said of an object, or is to be said of it yet. */
export interface Remark {
  /** The part of the object that it is about, such as ` at Gateway shop/net`; empty for the whole. */
  readonly at: string;
  /** What is so, such as `Programmed is False (Invalid)`. */
  readonly what: string;
  /** Why, in the words of its condition; empty where nothing is said. */
  readonly message: string;
}

/** What is said of every object that is ours to speak of in one cluster. */
export async function saidIn(cluster: Pick<Cluster, "name" | "list">): Promise<readonly Said[]> {
  const [classes, gateways, sets, ...routes] = await Promise.all([
    cluster.list("GatewayClass"),
    cluster.list("Gateway"),
    cluster.list("ListenerSet"),
    ...routeKinds.map((kind) => cluster.list(kind)),
  ]);
  const ourClasses = classes.filter((one) => ours.has(gatewayClass.parse(one).spec.controllerName));
  const classNames = new Set(ourClasses.map((one) => one.metadata.name));
  const ourGateways = gateways.filter((one) => classNames.has(gateway.parse(one).spec.gatewayClassName));
  const gatewayKeys = new Set(
    ourGateways.map((one) => `${one.metadata.namespace ?? ""}/${one.metadata.name}`),
  );
  const ourSets = sets.filter((one) => {
    const { parentRef: ref } = listenerSet.parse(one).spec;
    return gatewayKeys.has(`${ref.namespace ?? one.metadata.namespace ?? ""}/${ref.name}`);
  });
  const setKeys = new Set(ourSets.map((one) => `${one.metadata.namespace ?? ""}/${one.metadata.name}`));
  return [
    ...ourClasses.map((one) =>
      said(cluster.name, one, [
        { at: "", conditions: gatewayClass.parse(one).status.conditions, types: ["Accepted"] },
      ]),
    ),
    ...[...ourGateways, ...ourSets].map((one) => {
      const { conditions, listeners } = listening.parse(one).status;
      return said(cluster.name, one, [
        { at: "", conditions, types: ["Accepted", "Programmed"] },
        ...listeners.map((listener) => ({
          at: ` listener ${listener.name}`,
          conditions: listener.conditions,
          types: [],
        })),
      ]);
    }),
    ...routes.flat().flatMap((one) => {
      const parents = parentsOf(one, (kind, key) =>
        (kind === "ListenerSet" ? setKeys : gatewayKeys).has(key),
      );
      const types = ["Accepted", "ResolvedRefs"];
      const parts = parents.map(({ text, conditions }) => ({ at: ` at ${text}`, conditions, types }));
      const current = parents.map((parent) => ({ ...parent, conditions: currentOf(parent.conditions, one) }));
      if (parents.length === 0) return orphaned(cluster.name, one, [...gateways, ...sets]);
      return [{ ...said(cluster.name, one, parts), parents: current }];
    }),
  ];
}

/** A route none of whose parents is there: nobody may write a status for it, so it is told here alone. */
function orphaned(cluster: string, object: KubeObject, all: readonly KubeObject[]): readonly Said[] {
  const { namespace = "", name } = object.metadata;
  const named = route
    .parse(object)
    .spec.parentRefs.map((ref) => ({ ...ref, namespace: ref.namespace ?? namespace }));
  const isThere = (ref: (typeof named)[number]): boolean =>
    !["Gateway", "ListenerSet"].includes(ref.kind) ||
    all.some(
      ({ kind, metadata }) =>
        kind === ref.kind && metadata.name === ref.name && (metadata.namespace ?? "") === ref.namespace,
    );
  if (named.length === 0 || named.some(isThere)) return [];
  const texts = named.map((ref) => `${ref.kind} ${ref.namespace}/${ref.name}`);
  const what = `there is no ${texts.join(", no ")}; nothing serves it`;
  const refused: readonly Remark[] = [{ at: "", what, message: "" }];
  return [{ cluster, kind: object.kind, namespace, name, conditions: [], parents: [], refused }];
}

/** The parents of a route that are ours, each with what we say of the route there. */
function parentsOf(
  object: KubeObject,
  isOurs: (kind: string, key: string) => boolean,
): readonly SeenParent[] {
  const { spec, status } = route.parse(object);
  const own = object.metadata.namespace ?? "";
  const keyOf = ({ namespace = own, name }: ParentRef): string => `${namespace}/${name}`;
  return spec.parentRefs.flatMap((ref) => {
    if (!isOurs(ref.kind, keyOf(ref))) return [];
    const text = parentText(ref, own);
    const conditions = status.parents
      .filter((parent) => ours.has(parent.controllerName) && parentText(parent.parentRef, own) === text)
      .flatMap((parent) => parent.conditions);
    return [{ text, conditions }];
  });
}

/** A parent of a route of a namespace, in words: what tells it from the route's other parents. */
export const parentText = ({ kind, namespace, name, sectionName, port }: ParentRef, own: string): string =>
  [
    `${kind} ${namespace ?? own}/${name}`,
    ...(sectionName === undefined ? [] : [`listener ${sectionName}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ].join(", ");

/** Reasons that time alone takes away. */
const passing: ReadonlySet<string> = new Set(["Pending", "Waiting"]);

/** A part of an object that has conditions of its own. */
interface Part {
  readonly at: string;
  readonly conditions: readonly SeenCondition[];
  /** The types of conditions that it must have. */
  readonly types: readonly string[];
}

function said(cluster: string, object: KubeObject, parts: readonly Part[]): Said {
  const { namespace = "", name } = object.metadata;
  const now = parts.map((part) => ({ ...part, conditions: currentOf(part.conditions, object) }));
  const first = (pick: (part: Part) => Omit<Remark, "at"> | undefined): Remark | undefined =>
    now.flatMap((part) => {
      const found = pick(part);
      return found === undefined ? [] : [{ at: part.at, ...found }];
    })[0];
  return {
    cluster,
    kind: object.kind,
    namespace,
    name,
    conditions: parts.filter(({ types }) => types.length > 0).flatMap((part) => part.conditions),
    parents: [],
    waiting: first((part) => waitingIn(part, object)),
    failed: first(({ conditions, types }) => {
      const failed = conditions.find((one) => types.length > 0 && one.reason === "Failed");
      return failed && { what: whatIs(failed), message: failed.message };
    }),
    refused: now.flatMap(({ at, conditions }) => refusals(conditions).map((one) => ({ at, ...one }))),
  };
}

/** What is not said yet of a part that must be told of. */
function waitingIn({ conditions, types }: Part, object: KubeObject): Omit<Remark, "at"> | undefined {
  if (types.length === 0) return undefined;
  const { kind, metadata } = object;
  const missing = types.find(
    (type) => !conditions.some((one) => one.type === type && one.status !== "Unknown"),
  );
  if (missing !== undefined)
    return { what: `no condition ${missing} for generation ${metadata.generation ?? 1} yet`, message: "" };
  const accepted = conditions.some((one) => one.type === "Accepted" && one.status === "True");
  if (isRouteKind(kind) && accepted && !conditions.some((one) => one.type === "Programmed"))
    return { what: "no condition Programmed yet", message: "" };
  const pending = conditions.find(
    (one) => one.type === "Programmed" && one.status !== "True" && passing.has(one.reason),
  );
  return pending && { what: whatIs(pending), message: pending.message };
}

/** Conditions of what is written now; those of an older generation are on their way. */
const currentOf = (
  conditions: readonly SeenCondition[],
  { metadata: { generation = 1 } }: KubeObject,
): readonly SeenCondition[] => conditions.filter((one) => one.observedGeneration >= generation);

/** Which status of a condition is bad news for whoever wrote the object. */
const badNews: Readonly<Record<string, "True" | "False">> = {
  Accepted: "False",
  ResolvedRefs: "False",
  Programmed: "False",
  PartiallyInvalid: "True",
  Conflicted: "True",
};

/** What is refused: neither what time takes away nor what failed, which are told apart. */
const refusals = (conditions: readonly SeenCondition[]): readonly Omit<Remark, "at">[] =>
  conditions
    .filter(
      ({ type, status, reason }) => badNews[type] === status && !passing.has(reason) && reason !== "Failed",
    )
    .map((one) => ({ what: whatIs(one), message: one.message }));

/** A condition in words, without its message. */
export const whatIs = ({ type, status, reason }: SeenCondition): string => `${type} is ${status} (${reason})`;
