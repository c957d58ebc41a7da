import type { Applied } from "../apply/apply.ts";
import { tokensLeft } from "../apply/tokens.ts";
import { nameGoing } from "../desired/claims.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import type { Place } from "./place.ts";
import type { Observed, Output, TargetGroupModel, Trouble } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { describe } from "../plan/describe.ts";
import type { Plan } from "../plan/change.ts";
import { inProgress } from "../apply/refresh.ts";
import { later, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import type { CompiledRoot } from "./compile.ts";
import type { Want } from "./decide.ts";
import type { ReconcileDeps } from "./deps.ts";
import { failureText, stillFailing } from "./failure.ts";
import { nextFor } from "./next.ts";
import type { Outcome } from "./record.ts";
import { isMaking } from "./shares.ts";
import { serviceOutput } from "./standing.ts";

/** A round, after all that could be done was done. */
export interface Done {
  readonly root: ServiceRoot | TargetGroupRoot;
  readonly want: Want;
  readonly compiled: CompiledRoot;
  readonly place: Place;
  readonly plan: Plan;
  readonly held: Held;
  readonly applied: Applied;
  readonly seen: "ledger" | "poll" | "lattice";
  /** The name under which the resource was looked for. */
  readonly name: string | undefined;
}

/** What a round came to: the ledger after it, what to say of it, and when to look again. */
export async function outcomeOf(done: Done, d: ReconcileDeps): Promise<Outcome> {
  const { applied, held } = done;
  const failures = applied.outcomes.filter((outcome) => outcome.is === "failed");
  for (const failure of failures) {
    d.metrics.count("CallsFailed", 1, { operation: failure.error.operation });
    d.log.error("a call of Lattice failed", {
      root: held.root,
      operation: failure.error.operation,
      code: failure.error.code,
      said: failure.error.message,
      requestId: failure.error.requestId,
    });
  }
  const changed = done.plan.some((change) => change.do !== "leave");
  if (changed)
    d.metrics.count("ChangesApplied", applied.outcomes.filter((outcome) => outcome.is === "done").length);
  const observeAgain = failures.some((failure) => failure.fate.do === "observe");
  const unknown = failures.some((failure) => failure.error.code === "Unknown");
  const unknownAt = unknownSince(done, unknown, d.clock.now());
  const gone =
    done.want.is === "absent" && isNone(applied.observed) && failures.length === 0 && unknownAt === undefined;
  const observed: Observed | undefined = applied.observed;
  const polls = inProgress(observed) ? held.ledger.polls + 1 : 0;
  const ledger = ledgerAfter(done, {
    observed,
    polls,
    gone,
    failed: failures.length > 0,
    applying: observeAgain || unknown,
    unknownAt,
  });
  const retries = failures.flatMap((failure) => ("afterMs" in failure.fate ? [failure.fate.afterMs] : []));
  const skipped = applied.outcomes.some((outcome) => outcome.is === "skipped");
  const retryMs = observeAgain
    ? 0
    : retries.length > 0
      ? Math.min(...retries)
      : skipped && failures.length === 0
        ? 0
        : undefined;
  return {
    ledger,
    next: nextFor(d, {
      held,
      visited: done.seen === "lattice",
      observed,
      polls: held.ledger.polls,
      retryMs,
      unknownAt,
      gone,
    }),
    makes: isMaking(done.want, done.plan, applied),
    ...(changed ? { history: historyOf(done) } : {}),
    more: gone ? await nameGoing(d.table, held, done.place) : [],
  };
}

/** Whether nothing of ours is there: what bears another's tags was never ours to take away. */
const isNone = (observed: Observed | undefined): boolean =>
  observed === undefined || (observed.kind !== "service-network" && observed.ours === "foreign");

/** Since when it is not known whether a call will land; a live look long enough after it settles that. */
function unknownSince(done: Done, unknown: boolean, now: EpochMs): EpochMs | undefined {
  if (unknown) return now;
  const { unknownAt } = done.held.ledger;
  if (unknownAt === undefined) return undefined;
  return done.seen === "lattice" && now >= later(unknownAt, times.unknownAgain) ? undefined : unknownAt;
}

function ledgerAfter(
  done: Done,
  after: {
    readonly observed: Observed | undefined;
    readonly polls: number;
    readonly gone: boolean;
    readonly failed: boolean;
    readonly applying: boolean;
    readonly unknownAt: EpochMs | undefined;
  },
): Ledger {
  const before = done.held.ledger;
  const output = outputAfter(done, after.observed, before.output);
  return {
    ...before,
    observed: after.observed,
    applying: after.applying,
    unknownAt: after.unknownAt,
    // A token is kept only to repeat the call whose outcome is not known.
    tokens: after.applying ? tokensLeft(before.tokens, done.plan, done.applied.outcomes) : {},
    output,
    withdrawnAt:
      output === undefined && done.want.is === "absent" && !after.gone ? before.withdrawnAt : undefined,
    served: servedAfter(done, after),
    soughtAs: after.observed === undefined && done.seen === "lattice" ? done.name : before.soughtAs,
    polls: after.polls,
    failures: after.failed ? before.failures + 1 : 0,
    ...(after.gone
      ? {
          observed: undefined,
          name: undefined,
          incarnation: before.incarnation + (before.observed === undefined ? 0 : 1),
          refs: {},
          networks: [],
        }
      : {}),
  };
}

/** The routes that a service serves: those of the latest model that was carried out. Who only waits to be served is not among them. */
function servedAfter(
  { want, compiled, applied, held }: Done,
  { gone, failed }: { readonly gone: boolean; readonly failed: boolean },
): readonly string[] {
  if (gone) return [];
  const whole = !failed && applied.outcomes.every((outcome) => outcome.is !== "skipped");
  return want.is === "model" && whole ? Object.keys(compiled.compiled.serves ?? {}) : held.ledger.served;
}

/** What others may know of the resource. While its source is only waited for, they keep what they know. */
function outputAfter(
  done: Done,
  observed: Observed | undefined,
  before: Output | undefined,
): Output | undefined {
  if (done.want.is === "absent") return undefined;
  if (done.root.kind === "service")
    return serviceOutput(done, observed?.kind === "service" ? observed : undefined);
  const trouble = troubleOf(done);
  if (observed?.kind !== "target-group") return troubled(trouble);
  if (done.want.is !== "model")
    return before?.kind === "target-group" ? { ...before, trouble } : troubled(trouble);
  if (observed.lifecycle !== "active") return undefined;
  const { id, arn } = observed;
  const model = done.want.model.kind === "target-group" ? done.want.model : undefined;
  const was = before?.kind === "target-group" && before.filled;
  return {
    kind: "target-group",
    id,
    arn,
    filled: was || isFilled(model, observed.targets),
    usable: isUsable(model, observed.targets),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** Of a target group that nobody can use. */
const troubled = (trouble: Trouble | undefined): Output | undefined =>
  trouble === undefined ? undefined : { kind: "failure", trouble };

/** What a target group tells the service that uses it, on whose route a person looks: failures that do not pass by themselves, and refusals. */
function troubleOf({ root, want, applied, plan, compiled, held }: Done): Trouble | undefined {
  if (root.kind !== "target-group") return undefined;
  const { output } = held.ledger;
  const before = output !== undefined && "trouble" in output ? output.trouble?.message : undefined;
  const failed = applied.outcomes.flatMap((outcome) =>
    outcome.is === "failed" && (outcome.fate.do === "stop" || outcome.fate.do === "later")
      ? [stillFailing(before, outcome.error)]
      : [],
  );
  const refused = plan.flatMap((change) =>
    change.do === "leave" && change.blocks === "refused" ? [change.because] : [],
  );
  const unmade = want.is === "wait" && want.until === "mended" ? want.why : [];
  const its = (compiled.compiled.troubles ?? []).map(({ message }) => message);
  const all = [...failed, ...refused, ...unmade, ...its];
  if (all.length === 0) return undefined;
  return { is: failed.length > 0 ? "failed" : "refused", message: all.join("; ") };
}

const address = (target: { readonly id: string; readonly port: number }): string =>
  `${target.id}:${target.port}`;

function isFilled(model: TargetGroupModel | undefined, targets: TargetGroupModel["targets"]): boolean {
  const registered = new Set(targets.map(address));
  return model?.targets.every((target) => registered.has(address(target))) ?? false;
}

function isUsable(model: TargetGroupModel | undefined, targets: TargetGroupModel["targets"]): boolean {
  const registered = new Set(targets.map(address));
  return model?.targets.some((target) => registered.has(address(target))) ?? false;
}

function historyOf(done: Done) {
  const outcomes = done.applied.outcomes.map((outcome) =>
    outcome.is === "failed" ? `failed: ${failureText(outcome.error)}` : outcome.is,
  );
  return { changes: describe(done.plan), outcomes };
}
