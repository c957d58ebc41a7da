import type { Check } from "./trial.ts";

/** A test of the suite, as it is run here. */
export interface ConformanceTest {
  /** As upstream. */
  readonly name: string;
  /** Manifests from this folder: `upstream/tests/FILE` or `manifests/FILE`. */
  readonly manifest: string;
  /** `NAME=N`, where Lattice's default quotas are too few for it. */
  readonly quotas?: readonly string[] | undefined;
  /** What it shares with other tests besides the Gateways that its manifest names, so that they take turns. */
  readonly shares?: readonly string[] | undefined;
  readonly checks: readonly Check[];
  /** Why it is known not to hold. */
  readonly fails?: string | undefined;
  /** What whoever reads the table must know about how it holds. */
  readonly note?: string | undefined;
}
