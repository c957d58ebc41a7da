import { applyPlan, type Applied } from "../apply/apply.ts";
import { tokensFor } from "../apply/tokens.ts";
import type { Identity } from "../apply/observe.ts";
import { nameAnnotation } from "../compile/annotations.ts";
import { serviceName, targetGroupName } from "../compile/names.ts";
import type { LatticeError } from "../apply/lattice.ts";
import { fateOf } from "../apply/fate.ts";
import { inProgress } from "../apply/refresh.ts";
import { draw } from "../desired/budget.ts";
import type { Lane } from "../desired/lanes.ts";
import { save, type Held, type Ledger } from "../desired/ledger.ts";
import { later, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import type { Observed, ObservedService, ObservedTargetGroup } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { price, type Plan } from "../plan/change.ts";
import { identityOf, isFound, likenessOf, searchesFirst, takingOver } from "./adopt.ts";
import type { CompiledRoot } from "./compile.ts";
import { outcomeOf, type Done } from "./outcome.ts";
import { decide, waiting, type Decision, type Want } from "./decide.ts";
import type { ReconcileDeps } from "./deps.ts";
import { isTold, outputUnseen } from "./failure.ts";
import { grace } from "./grace.ts";
import { nextFor, unansweredFor, visitNext } from "./next.ts";
import { claimedName, nameOfFound, placeOf, type Place } from "./place.ts";
import { record } from "./record.ts";
import type { RoundEnd } from "./round.ts";
import { liveCalls, looksLive, see } from "./seen.ts";
import { takeForPlan } from "./shares.ts";

type SteeredRoot = ServiceRoot | TargetGroupRoot;

/**
 * Brings the Lattice resource of a service or target-group root one round closer to what the compile wants: sees what is
 * there, plans the least that must change, marks the ledger, applies, and records what came of it.
 */
export async function steer(
  root: SteeredRoot,
  start: CompiledRoot,
  lane: Lane,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  const place = await placeOf(root, d);
  // Of a cluster that is not registered nothing is known, so nothing of it is touched.
  if (place === undefined) return rest(start, start.held.ledger, d);
  let compiled = start;
  if (root.kind === "target-group" && start.compiled.want.is === "absent") {
    const graced = await grace(start.held, d);
    if (graced === undefined) return undefined;
    compiled = { ...start, held: graced.held };
    if (!graced.go) return record(compiled, { ledger: graced.held.ledger, next: graced.next }, d);
  }
  const named = await wanted(root, compiled, place, d);
  if (named === undefined) return undefined;
  const { want } = named;
  compiled = { ...compiled, held: named.held };
  const now = d.clock.now();
  const identity = identityOf(root, place);
  const name = nameOf(root, want, compiled, identity);
  const isLive = looksLive(compiled.held, now) || searchesFirst(want, name, identity, compiled.held, place);
  const waitMs = isLive
    ? await draw(
        d.table,
        place,
        lane,
        liveCalls(compiled.held, identity, now),
        d.clock.now(),
        d.settings.allowance,
      )
    : 0;
  if (waitMs > 0) return again(compiled, waitMs, d);
  const lattice = d.lattice(place, actsUntil(compiled.held));
  const like = likenessOf(root, want, identity, place);
  const seen = await see({ root, name, identity, like }, compiled.held, lattice, isLive ? now : undefined);
  if (!seen.ok) return failed(compiled, seen.error, d);
  const sight: Sight = { root, want, place, name, observed: seen.observed, seen: seen.from };
  return isFound(compiled.held, seen.observed)
    ? takeOver(sight, compiled, d)
    : proceed(sight, compiled, lane, lattice, d);
}

/** What a round wants and sees before it does anything. */
interface Sight extends Pick<Done, "root" | "want" | "place" | "name" | "seen"> {
  readonly observed: ObservedService | ObservedTargetGroup | undefined;
}

/** Plans, and carries the plan out as far as budget and shared quotas go. */
async function proceed(
  sight: Sight,
  start: CompiledRoot,
  lane: Lane,
  lattice: ReturnType<ReconcileDeps["lattice"]>,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  const { place, observed } = sight;
  const { forbids = [] } = start.compiled;
  const decided = await decide({ ...sight, forbids, held: start.held }, d);
  if (decided === undefined) return undefined;
  const { plan, fixed } = decided;
  const compiled = { ...start, held: decided.held };
  const cost = price(plan);
  const short = cost === 0 ? 0 : await draw(d.table, place, lane, cost, d.clock.now(), d.settings.allowance);
  if (short > 0) return again(compiled, short, d);
  const taken = await takeForPlan(d.table, compiled.held, compiled.compiled, plan);
  if (taken === undefined) return undefined;
  // Others have taken the last room: the next compile says so.
  if (!taken.had) return again({ ...compiled, held: taken.held }, 0, d);
  const marked = await mark({ ...compiled, held: taken.held }, fixed, plan, d);
  if (marked === undefined) return undefined;
  const applied = await carryOut(plan, observed, marked, lattice, d);
  const done: Done = { ...sight, compiled, plan, held: marked, applied };
  // Without a call nothing was marked in the table either: what the round has learnt is still to be written.
  const stored = cost === 0 ? taken.held : marked;
  return record({ ...compiled, held: stored }, await outcomeOf(done, d), d);
}

/** Takes over what was found, and does no more: only a compile that knows that it exists says what may be done with it. */
async function takeOver(sight: Sight, start: CompiledRoot, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  const { place, observed } = sight;
  const held = observed?.kind === "service" ? await nameOfFound(observed, start.held, place, d) : start.held;
  if (held === undefined) return undefined;
  const compiled = { ...start, held };
  const plan = takingOver.why.map(waiting);
  const applied: Applied = { observed, outcomes: plan.map(() => ({ is: "left" })) };
  const done: Done = { ...sight, want: takingOver, compiled, plan, held, applied };
  const outcome = await outcomeOf(done, d);
  return record(compiled, { ...outcome, next: { ...outcome.next, again: 0 } }, d);
}

/**
 * The name under which the resource was or would be made: a create whose answer was lost has left nothing but that, and the in-cluster
 * controller's service is found by it, whatever it waits for.
 */
function nameOf(
  root: SteeredRoot,
  want: Want,
  { compiled, held: { ledger } }: CompiledRoot,
  { incumbent }: Identity,
): string | undefined {
  if (want.is === "model" && want.model.kind !== "service-network") return want.model.name;
  if (root.kind === "target-group") return targetGroupName(root, ledger.incarnation);
  if (ledger.name !== undefined || want.is !== "wait" || incumbent === undefined) return ledger.name;
  return compiled.name ?? serviceName(root);
}

/** The want of the compile, with the claimed name in its model. Answers undefined when the lease was lost. */
async function wanted(
  root: SteeredRoot,
  { compiled: { want }, held }: CompiledRoot,
  place: Place,
  d: ReconcileDeps,
): Promise<{ readonly want: Want; readonly held: Held } | undefined> {
  if (want.is !== "model" || root.kind !== "service" || want.model.kind !== "service") return { want, held };
  const named = await claimedName(root, want.model, held, place, d);
  if (named === undefined || "name" in named)
    return named && { want: { is: "model", model: { ...want.model, name: named.name } }, held: named.held };
  const why = `the service name ${named.taken} is held by ${named.by}; give the route another name, or its service one by annotation ${nameAnnotation}`;
  return { want: { is: "wait", why: [why], until: "mended" }, held: named.held };
}

/** Before the first mutating call the ledger says that memory is not to be trusted, and keeps the tokens of the creates. */
async function mark(
  compiled: CompiledRoot,
  fixed: Decision["fixed"],
  plan: Plan,
  d: ReconcileDeps,
): Promise<Held | undefined> {
  const { ledger } = compiled.held;
  const refs = { ...ledger.refs, ...compiled.recording.refs() };
  const tokens = tokensFor(plan, ledger.tokens, d.random.token);
  const next: Ledger = { ...ledger, ...fixed, refs, tokens };
  if (price(plan) === 0) return { ...compiled.held, ledger: next };
  return save(d.table, compiled.held, { ledger: { ...next, applying: true }, owed: compiled.held.owed });
}

/** Until when a holder makes calls: a call that it sends then has landed or never will when its lease ends. */
const actsUntil = (held: Held): EpochMs => later(held.leaseUntil, -times.leaseSafe);

/** No mutating call is started with less than a safe margin of the lease left. */
async function carryOut(
  plan: Plan,
  observed: Observed | undefined,
  held: Held,
  lattice: ReturnType<ReconcileDeps["lattice"]>,
  d: ReconcileDeps,
): Promise<Applied> {
  const canStart = (): boolean => d.clock.now() < actsUntil(held);
  return applyPlan(plan, observed, lattice, {
    tokens: held.ledger.tokens,
    now: d.clock.now(),
    canStart,
    attempts: held.ledger.failures + 1,
    fraction: d.random.fraction,
  });
}

/** Lattice could not even be looked at. */
function failed(
  compiled: CompiledRoot,
  error: LatticeError,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  d.log.error("Lattice could not be observed", {
    root: compiled.held.root,
    operation: error.operation,
    code: error.code,
    said: error.message,
    requestId: error.requestId,
  });
  d.metrics.count("CallsFailed", 1, { operation: error.operation });
  const failures = compiled.held.ledger.failures + 1;
  const fate = fateOf(error, failures, d.random.fraction());
  const retryMs = "afterMs" in fate ? fate.afterMs : times.unknownAgain;
  const told = isTold(fate, failures) ? { output: outputUnseen(compiled, error) } : {};
  const ledger: Ledger = { ...compiled.held.ledger, failures, ...told };
  const next = nextFor(d, {
    held: compiled.held,
    visited: false,
    observed: undefined,
    polls: 0,
    retryMs,
    unknownAt: compiled.held.ledger.unknownAt,
    gone: false,
  });
  // Where nobody may look, nothing is about to be made.
  const makes = fate.do === "stop" ? false : undefined;
  return record(compiled, { ledger, makes, next: { ...next, unanswered: true } }, d);
}

/** The budget has no tokens left for this root now. Nobody waits for them holding a lease. */
function again(compiled: CompiledRoot, afterMs: number, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  return record(compiled, { ledger: compiled.held.ledger, next: unansweredFor(d, afterMs) }, d);
}

function rest(compiled: CompiledRoot, ledger: Ledger, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  const next = inProgress(ledger.observed)
    ? visitNext(d, compiled.held, false)
    : { due: undefined, why: "visit" as const };
  return record(compiled, { ledger, makes: false, next }, d);
}
