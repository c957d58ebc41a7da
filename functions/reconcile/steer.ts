import { applyPlan, type Applied } from "../apply/apply.ts";
import { tokensFor } from "../apply/tokens.ts";
import { nameAnnotation } from "../compile/annotations.ts";
import { targetGroupName } from "../compile/names.ts";
import type { LatticeError } from "../apply/lattice.ts";
import { fateOf } from "../apply/fate.ts";
import { inProgress } from "../apply/refresh.ts";
import { draw } from "../desired/budget.ts";
import type { Lane } from "../desired/lanes.ts";
import { save, type Held, type Ledger } from "../desired/ledger.ts";
import { later, type EpochMs } from "../model/ids.ts";
import { times } from "../model/limits.ts";
import type { Model, Observed } from "../model/lattice.ts";
import type { ServiceRoot, TargetGroupRoot } from "../model/roots.ts";
import { price, type Plan } from "../plan/change.ts";
import { identityOf, likenessOf, searchesFirst } from "./adopt.ts";
import type { CompiledRoot } from "./compile.ts";
import { outcomeOf } from "./outcome.ts";
import { decide, type Want } from "./decide.ts";
import type { ReconcileDeps } from "./deps.ts";
import { grace } from "./grace.ts";
import { nextFor, unansweredFor, visitNext } from "./next.ts";
import { claimedName, placeOf, type Place } from "./place.ts";
import { record } from "./record.ts";
import type { RoundEnd } from "./round.ts";
import { liveCalls, looksLive, see } from "./seen.ts";

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
  const want = await wanted(root, compiled, place, d);
  const now = d.clock.now();
  const identity = identityOf(root, place);
  const isLive = looksLive(compiled.held, now) || searchesFirst(want, identity, compiled.held);
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
  const name = nameOf(root, want, compiled.held);
  const like = likenessOf(root, want, identity);
  const seen = await see({ root, name, identity, like }, compiled.held, lattice, isLive ? now : undefined);
  if (!seen.ok) return failed(compiled, seen.error, d);
  const decided = await decide({ root, want, observed: seen.observed, place, held: compiled.held }, d);
  const cost = price(decided.plan);
  const short = cost === 0 ? 0 : await draw(d.table, place, lane, cost, d.clock.now(), d.settings.allowance);
  if (short > 0) return again(compiled, short, d);
  const marked = await mark(compiled, decided.ledger, decided.plan, d);
  if (marked === undefined) return undefined;
  const applied = await carryOut(decided.plan, seen.observed, marked, lattice, d);
  return record(
    { ...compiled, held: marked },
    await outcomeOf(
      { root, want, compiled, place, plan: decided.plan, held: marked, applied, seen: seen.from },
      d,
    ),
    d,
  );
}

/** The name under which the resource was or would be made: a create whose answer was lost has left nothing but that. */
function nameOf(root: SteeredRoot, want: Want, held: Held): string | undefined {
  if (want.is === "model" && want.model.kind !== "service-network") return want.model.name;
  return root.kind === "target-group" ? targetGroupName(root, held.ledger.incarnation) : held.ledger.name;
}

/** The want of the compile, with the claimed name in its model. */
async function wanted(
  root: SteeredRoot,
  compiled: CompiledRoot,
  place: Place,
  d: ReconcileDeps,
): Promise<Want> {
  const { want } = compiled.compiled;
  if (want.is !== "model" || root.kind !== "service" || want.model.kind !== "service") return want;
  const name = await claimedName(root, want.model, compiled.held, place, d);
  if (typeof name !== "string") {
    const why = `the service name ${name.taken} is held by ${name.by}; give the route another name, or its service one by annotation ${nameAnnotation}`;
    return { is: "wait", why: [why], until: "mended" };
  }
  const model: Model = { ...want.model, name };
  return { is: "model", model };
}

/** Before the first mutating call the ledger says that memory is not to be trusted, and keeps the tokens of the creates. */
async function mark(
  compiled: CompiledRoot,
  ledger: Ledger,
  plan: Plan,
  d: ReconcileDeps,
): Promise<Held | undefined> {
  const refs = { ...ledger.refs, ...compiled.recording.refs() };
  const tokens = tokensFor(plan, ledger.tokens, d.random.token);
  const next: Ledger = { ...ledger, refs, tokens };
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
    message: error.message,
  });
  d.metrics.count("CallsFailed", 1, { operation: error.operation });
  const failures = compiled.held.ledger.failures + 1;
  const fate = fateOf(error, failures, d.random.fraction());
  const retryMs = "afterMs" in fate ? fate.afterMs : times.unknownAgain;
  const ledger: Ledger = { ...compiled.held.ledger, failures };
  const next = nextFor(d, {
    held: compiled.held,
    visited: false,
    observed: undefined,
    polls: 0,
    retryMs,
    unknownAt: compiled.held.ledger.unknownAt,
    gone: false,
  });
  return record(compiled, { ledger, next: { ...next, unanswered: true } }, d);
}

/** The budget has no tokens left for this root now. Nobody waits for them holding a lease. */
function again(compiled: CompiledRoot, afterMs: number, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  return record(compiled, { ledger: compiled.held.ledger, next: unansweredFor(d, afterMs) }, d);
}

function rest(compiled: CompiledRoot, ledger: Ledger, d: ReconcileDeps): Promise<RoundEnd | undefined> {
  const next = inProgress(ledger.observed)
    ? visitNext(d, compiled.held, false)
    : { due: undefined, why: "visit" as const };
  return record(compiled, { ledger, next }, d);
}
