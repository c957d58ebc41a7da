import type { Traffic } from "./traffic.ts";
import type { SeenService, SeenTargetGroup } from "./look.sdk.ts";
import type { Said } from "./settled.ts";

/** What a run came to, as `--json` prints it. */
export interface RunDocument {
  /** Whether all is at rest and nothing failed. What is refused is at rest too: it is among the problems. */
  readonly converged: boolean;
  readonly seconds: number;
  readonly clusters: Readonly<
    Record<string, { readonly account: string; readonly region: string; readonly objects: number }>
  >;
  readonly services: readonly SeenService[];
  readonly targetGroups: readonly SeenTargetGroup[];
  readonly status: readonly Pick<Said, "cluster" | "kind" | "namespace" | "name" | "conditions">[];
  readonly traffic: readonly Traffic[];
  /** Rules, or all of a route at a parent, that no request was sent for, or that none proves, with the reason. */
  readonly unproven: readonly string[];
  /** Of Espalier itself, without polls and without whoever only looks. */
  readonly calls: Readonly<Record<string, number>>;
  /** What was refused, still waits, failed, or was answered wrongly, in words: what is said of several in the same words is one. */
  readonly problems: readonly string[];
}
