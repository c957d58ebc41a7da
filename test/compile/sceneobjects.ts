import { z } from "zod";
import { parseObject } from "../../functions/bus/objects.ts";
import { kinds, type ClusterObject, type Kind } from "../../functions/model/objects.ts";
import { controllers } from "../../functions/model/verdict.ts";

const named = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** The object as the API server would hold it: with uid, generation and a time. */
export function objectOf(document: unknown): ClusterObject {
  const { kind, metadata, ...rest } = named.parse(document);
  const known = (Object.keys(kinds) as Kind[]).find((one) => one === kind);
  if (known === undefined) throw new Error(`no kind ${kind}`);
  const parsed = parseObject<Kind>(known, {
    ...rest,
    kind,
    metadata: {
      uid: `uid-${metadata.name}`,
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
      resourceVersion: "1",
      ...metadata,
    },
  });
  if (!parsed.ok) throw new Error(`${kind} ${metadata.name}: ${parsed.problems}`);
  return parsed.object;
}

const classes = Object.entries(controllers);

/** What every cluster has: the class that Espalier installs, and a Namespace for every object in one. */
export function completed(objects: readonly ClusterObject[]): readonly ClusterObject[] {
  const has = (kind: Kind, name: string): boolean =>
    objects.some((one) => one.kind === kind && one.metadata.name === name);
  const namespaces = new Set(objects.map((one) => one.metadata.namespace).filter((one) => one !== ""));
  const all = [
    ...objects,
    ...classes
      .filter(([name]) => !has("GatewayClass", name))
      .map(([name, controllerName]) =>
        objectOf({ kind: "GatewayClass", metadata: { name }, spec: { controllerName } }),
      ),
    ...[...namespaces]
      .filter((name) => !has("Namespace", name))
      .map((name) =>
        objectOf({
          kind: "Namespace",
          metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
        }),
      ),
  ];
  const place = (one: ClusterObject): string => `${one.kind} ${one.metadata.namespace}/${one.metadata.name}`;
  return all.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}
