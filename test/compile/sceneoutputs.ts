import type { Compiled } from "../../functions/compile/compiled.ts";
import { asRootKey } from "../../functions/model/ids.ts";
import type { Output, Standing } from "../../functions/model/lattice.ts";
import { parseRoot } from "../../functions/model/roots.ts";
import type { Facts } from "./scene.ts";

/** The id that the target group of a backend has. */
export const groupId = (namespace: string, name: string, port: number | "any"): string =>
  `tg-${namespace}-${name}-${port}`;

/** What a service of profile `incumbent` has published that was searched for, and is in some networks. */
export const soughtAt = (networks: readonly string[]): Output => ({
  kind: "service",
  at: { id: "svc-other", arn: "arn:svc-other", name: "other", dnsName: "other.on.aws", networks },
  standing: { is: "programmed", message: "" },
  serves: {},
  refuses: {},
  sought: true,
});

/** What other roots have published: ids that say what they are of. */
export function outputOf(key: string, told: Facts): Output | undefined {
  const root = parseRoot(asRootKey(key));
  if (root.kind === "service-network") {
    const state = told.networks[root.network];
    if (state === "sought") return undefined;
    if (typeof state === "object") return { kind: "service-network", state: "failed", message: state.failed };
    if (state === "missing") return { kind: "service-network", state };
    if (state === "ambiguous") return { kind: "service-network", state, ids: ["sn-1", "sn-2"] };
    const id = `sn-${root.network}`;
    return { kind: "service-network", state: "found", id, arn: `arn:${id}`, name: root.network };
  }
  if (root.kind !== "target-group") return undefined;
  const { namespace, name } = root.backend;
  const state = told.groups[`${namespace}/${name}`];
  if (state === "none") return undefined;
  const id = groupId(namespace, name, root.port);
  const filled = state !== "filling";
  const usable = filled && state !== "empty";
  const trouble =
    state === undefined || state === "filling" || state === "empty"
      ? {}
      : ({ trouble: { is: "failed", message: state } } as const);
  return { kind: "target-group", id, arn: `arn:${id}`, filled, usable, ...trouble };
}

/** How it stands with a service when all that its compile asks for is done. */
export function standingOf({ want, troubles = [], keepsElsewhere }: Compiled): Standing {
  const failed = troubles.filter((one) => one.is === "failed");
  const refused = troubles.filter((one) => one.is === "refused");
  const told = (all: typeof troubles): string => all.map(({ message }) => message).join("; ");
  if (failed.length > 0) return { is: "failed", message: told(failed) };
  if (want.is === "wait")
    return {
      is: want.until === "mended" ? "invalid" : "pending",
      message: want.why.join("; "),
      working: keepsElsewhere,
    };
  if (refused.length > 0) return { is: "invalid", message: told(refused) };
  return { is: "programmed", message: "" };
}
