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
const parentRef = z.looseObject({
  kind: z.string().default("Gateway"),
  namespace: z.string().optional(),
  name: z.string(),
});
const listenerSet = z.looseObject({ spec: z.looseObject({ parentRef }) });
const route = z.looseObject({
  spec: z.looseObject({ parentRefs: z.array(parentRef).default([]) }),
  status: z
    .looseObject({
      parents: z
        .array(z.looseObject({ controllerName: z.string(), conditions: z.array(condition).default([]) }))
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
  /** What is not said yet, in words; undefined when all is. */
  readonly waiting?: string | undefined;
  /** What failed and is not tried again before something changes, in words. */
  readonly failed?: string | undefined;
  /** What is not as its user wrote it, and stays so until somebody changes something, in words. */
  readonly refused: readonly string[];
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
      said(cluster.name, one, gatewayClass.parse(one).status.conditions, ["Accepted"], 1),
    ),
    ...[...ourGateways, ...ourSets].map((one) => {
      const { conditions, listeners } = listening.parse(one).status;
      const of = said(cluster.name, one, conditions, ["Accepted", "Programmed"], 1);
      const theirs = listeners.flatMap((listener) =>
        refusals(listener.conditions, one).map((text) => `listener ${listener.name}: ${text}`),
      );
      return { ...of, refused: [...of.refused, ...theirs] };
    }),
    ...routes.flat().flatMap((one) => {
      const { spec, status } = route.parse(one);
      const parents = spec.parentRefs.filter((ref) => {
        const key = `${ref.namespace ?? one.metadata.namespace ?? ""}/${ref.name}`;
        return ref.kind === "ListenerSet" ? setKeys.has(key) : gatewayKeys.has(key);
      });
      if (parents.length === 0) return orphaned(cluster.name, one, [...gateways, ...sets]);
      const conditions = status.parents.flatMap((parent) =>
        ours.has(parent.controllerName) ? parent.conditions : [],
      );
      return [said(cluster.name, one, conditions, ["Accepted", "ResolvedRefs"], parents.length)];
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
  const refused = [`there is no ${texts.join(", no ")}; nothing serves it`];
  return [{ cluster, kind: object.kind, namespace, name, conditions: [], refused }];
}

/** Reasons that time alone takes away. */
const passing: ReadonlySet<string> = new Set(["Pending", "Waiting"]);

function said(
  cluster: string,
  object: KubeObject,
  conditions: readonly SeenCondition[],
  types: readonly string[],
  times: number,
): Said {
  const { namespace = "", name, generation = 1 } = object.metadata;
  const current = currentOf(conditions, object);
  const missing = types.find(
    (type) => current.filter((one) => one.type === type && one.status !== "Unknown").length < times,
  );
  const accepted = current.filter((one) => one.type === "Accepted" && one.status === "True").length;
  const programmed = current.filter((one) => one.type === "Programmed").length;
  const pending = current.find(
    (one) => one.type === "Programmed" && one.status !== "True" && passing.has(one.reason),
  );
  const waiting =
    missing !== undefined
      ? `no condition ${missing} for generation ${generation} yet`
      : isRouteKind(object.kind) && programmed < accepted
        ? "no condition Programmed yet"
        : pending === undefined
          ? undefined
          : `Programmed is ${pending.reason}: ${pending.message}`;
  const failed = current.find((one) => one.reason === "Failed")?.message;
  const refused = refusals(conditions, object);
  return { cluster, kind: object.kind, namespace, name, conditions, waiting, failed, refused };
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

/** What is refused, once for each text: neither what time takes away nor what failed, which are told apart. */
const refusals = (conditions: readonly SeenCondition[], object: KubeObject): readonly string[] => [
  ...new Set(
    currentOf(conditions, object)
      .filter(
        ({ type, status, reason }) => badNews[type] === status && !passing.has(reason) && reason !== "Failed",
      )
      .map(
        ({ type, status, reason, message }) =>
          `${type} is ${status} (${reason})${message === "" ? "" : `: ${message}`}`,
      ),
  ),
];

/** Whether a route is taken and served: then traffic must prove it. What it refers to in vain is served too: its rules answer 500. */
export const serves = (one: Said): boolean =>
  isRouteKind(one.kind) &&
  ["Accepted", "Programmed"].every(
    (type) =>
      one.conditions.some((condition) => condition.type === type) &&
      one.conditions.every((condition) => condition.type !== type || condition.status === "True"),
  );
