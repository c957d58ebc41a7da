import type { BackendRef, Route } from "../../../../functions/model/routes.ts";
import { all, type World } from "./listeners.ts";

/** Who answers, as shares of one: `NAMESPACE/SERVICE:PORT` of a backend, a status, or `nobody` for a connection that is refused. */
export type Shares = Readonly<Record<string, number>>;

/**
 * The shares of some backends (HTTPBackendRef): each by its weight, where one that cannot be used answers 500; and 500 if there
 * is none with a weight.
 */
export function sharesOf(world: World, route: Route, refs: readonly BackendRef[]): Shares {
  const total = refs.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { "500": 1 };
  const shares: Record<string, number> = {};
  for (const ref of refs) {
    if (ref.weight === 0) continue;
    const namespace = ref.namespace ?? route.metadata.namespace;
    const who = isUsable(world, route, ref, namespace) ? `${namespace}/${ref.name}:${ref.port ?? 0}` : "500";
    shares[who] = (shares[who] ?? 0) + ref.weight / total;
  }
  return shares;
}

/** Where a share is refused, all is: Lattice refuses no share. */
export function refusedAsOne(shares: Shares): Shares {
  const whole = ["500", "nobody"].find((who) => who in shares);
  return whole === undefined ? shares : { [whole]: 1 };
}

/** How many different backends of a rule can be used. */
export const countUsable = (world: World, route: Route, refs: readonly BackendRef[]): number =>
  new Set(
    refs.flatMap((ref) => {
      const namespace = ref.namespace ?? route.metadata.namespace;
      return isUsable(world, route, ref, namespace) ? [`${namespace}/${ref.name}:${ref.port ?? 0}`] : [];
    }),
  ).size;

function isUsable(world: World, route: Route, ref: BackendRef, namespace: string): boolean {
  const service = all(world, "Service").find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === ref.name,
  );
  return (
    ref.kind === "Service" &&
    ref.group === "" &&
    (namespace === route.metadata.namespace || isGranted(world, route, ref, namespace)) &&
    service !== undefined &&
    service.spec.type !== "ExternalName" &&
    service.spec.ports.some((one) => one.port === ref.port)
  );
}

const isGranted = (world: World, route: Route, ref: BackendRef, namespace: string): boolean =>
  all(world, "ReferenceGrant").some(
    ({ metadata, spec }) =>
      metadata.namespace === namespace &&
      spec.from.some((one) => one.kind === route.kind && one.namespace === route.metadata.namespace) &&
      spec.to.some((one) => one.kind === "Service" && (one.name ?? ref.name) === ref.name),
  );
