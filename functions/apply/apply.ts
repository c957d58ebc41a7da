import type { EpochMs } from "../model/ids.ts";
import type { Observed } from "../model/lattice.ts";
import type { Change, Plan } from "../plan/change.ts";
import { carryOut } from "./carryout.ts";
import { fateOf, type Fate } from "./fate.ts";
import { LatticeError, type Lattice } from "./lattice.ts";
import type { Tokens } from "./tokens.ts";

/** What became of one change. */
export type Outcome =
  | { readonly is: "done" }
  | { readonly is: "left" }
  | { readonly is: "failed"; readonly error: LatticeError; readonly fate: Fate }
  /** Not tried: something that it needs failed, or there was no time. */
  | { readonly is: "skipped"; readonly why: string };

/** What there is after a plan was carried out as far as it went, and what became of each change, in the plan's order. */
export interface Applied {
  readonly observed: Observed | undefined;
  readonly outcomes: readonly Outcome[];
}

export interface Means {
  readonly tokens: Tokens;
  /** When the first change is begun, or before. */
  readonly now: EpochMs;
  /** Whether there is time to start another call. */
  readonly canStart: () => boolean;
  /** Which attempt in a row this is, from 1. */
  readonly attempts: number;
  /** From 0 up to but not including 1. */
  readonly fraction: () => number;
}

/**
 * Makes the changes of a plan one after the other. What depends on a change that failed is not tried; the rest goes on.
 * Never throws for what Lattice answers; the outcome of every change is in the answer.
 */
export async function applyPlan(
  plan: Plan,
  have: Observed | undefined,
  lattice: Lattice,
  means: Means,
): Promise<Applied> {
  let observed = have;
  const broken = new Set<string>();
  const outcomes: Outcome[] = [];
  for (const change of plan) {
    if (change.do === "leave") {
      outcomes.push({ is: "left" });
      continue;
    }
    const blocked = scopesOf(change).find((scope) => broken.has(scope));
    if (blocked !== undefined) {
      outcomes.push({ is: "skipped", why: `what it needs failed (${blocked})` });
      continue;
    }
    if (!means.canStart()) {
      outcomes.push({ is: "skipped", why: "no time was left" });
      continue;
    }
    const done = await attempt(change, observed, lattice, means);
    observed = done.observed;
    outcomes.push(done.outcome);
    if (done.outcome.is === "failed") broken.add(scopesOf(change).at(-1) ?? "all");
  }
  return { observed, outcomes };
}

async function attempt(
  change: Exclude<Change, { do: "leave" }>,
  have: Observed | undefined,
  lattice: Lattice,
  means: Means,
): Promise<{ readonly observed: Observed | undefined; readonly outcome: Outcome }> {
  try {
    const { observed, failure } = await carryOut(change, have, lattice, means);
    return { observed, outcome: failure === undefined ? { is: "done" } : failed(failure, means) };
  } catch (error) {
    if (!(error instanceof LatticeError)) throw error;
    return { observed: have, outcome: failed(error, means) };
  }
}

const failed = (error: LatticeError, means: Means): Outcome => ({
  is: "failed",
  error,
  fate: fateOf(error, means.attempts, means.fraction()),
});

/**
 * The scopes that a change needs whole, from the widest to its own. A failed rule stops what follows on its listener: to
 * delete the old after the new could not be made would break traffic.
 */
function scopesOf(change: Exclude<Change, { do: "leave" }>): readonly string[] {
  switch (change.do) {
    // Nothing depends on tags.
    case "tag":
      return ["tags"];
    case "create-service":
    case "update-service":
    case "delete-service":
    case "create-target-group":
    case "register":
    case "deregister":
    case "delete-target-group":
      return ["all"];
    // A network must not see rules that could not be changed.
    case "associate":
      return [
        "all",
        ...change.model.listeners.map((one) => `port ${one.port}`),
        `network ${change.network.id}`,
      ];
    case "disassociate":
      return ["all", `network ${change.network}`];
    case "create-listener":
    case "update-listener":
    case "delete-listener":
      return ["all", `port ${change.listener.port}`];
    case "create-rule":
    case "update-rules":
    case "delete-rule":
      return ["all", `port ${change.port}`];
  }
}
