import { draw } from "../desired/budget.ts";
import { lookOf } from "../desired/certificates.ts";
import type { Lane } from "../desired/lanes.ts";
import type { Ledger } from "../desired/ledger.ts";
import { isNetworkName } from "../model/cluster.ts";
import { later } from "../model/ids.ts";
import type { ObservedServiceNetwork, Output } from "../model/lattice.ts";
import type { ServiceNetworkRoot } from "../model/roots.ts";
import { fateOf } from "../apply/fate.ts";
import { LatticeError } from "../apply/lattice.ts";
import type { CompiledRoot } from "./compile.ts";
import type { ReconcileDeps } from "./deps.ts";
import { isTold, stillFailing } from "./failure.ts";
import { unansweredFor, visitNext } from "./next.ts";
import { record } from "./record.ts";
import type { Next, RoundEnd } from "./round.ts";

/** How soon a network that was not found is looked for again: it may be made at any time, by whoever owns it. */
const missingAgainMs = 30_000;

/**
 * And how soon at first, by looks in a row that found nothing: who has just made a Gateway often makes its network next. After
 * these it is left to the sweep.
 */
const missingAtFirstMs = [5_000, ...Array.from({ length: 6 }, () => 10_000)] as const;

/** A look that is due within so many milliseconds is made now: the clock of whoever asked for it may be ahead. */
const soonMs = 1_000;

/**
 * Finds a service network by its name or id, with one listing, when it is wanted and not known yet, or when it is to be
 * verified. It is never made or changed here.
 */
export async function lookUp(
  root: ServiceNetworkRoot,
  compiled: CompiledRoot,
  lane: Lane,
  d: ReconcileDeps,
): Promise<RoundEnd | undefined> {
  const { held } = compiled;
  if (!compiled.wanted) {
    const ledger: Ledger = { ...held.ledger, observed: undefined, output: undefined, polls: 0 };
    return record(compiled, { ledger, next: { due: undefined, why: "visit", forget: true } }, d);
  }
  if (!isNetworkName(root.network)) return neverFound(compiled, d);
  const known = held.ledger.output?.kind === "service-network" && held.ledger.output.state === "found";
  if (known && !held.asks.some((ask) => ask.verify)) {
    return record(compiled, { ledger: held.ledger, next: visitNext(d, held, false) }, d);
  }
  // Each route that comes to count on it wakes it, and none of them brings it any nearer.
  const { visitAt } = held;
  if (!known && visitAt !== undefined && visitAt > later(d.clock.now(), soonMs)) {
    return record(compiled, { ledger: held.ledger, next: { due: visitAt, why: "retry" } }, d);
  }
  const waitMs = await draw(d.table, root, lane, 1, d.clock.now(), d.settings.allowance);
  if (waitMs > 0) return tryLater(waitMs);
  // A network is no cluster's, so the role is that of whichever cluster of its account and region was registered last.
  const look = await lookOf(d.table, root);
  if (look === undefined) return tryLater(missingAgainMs);
  const place = { account: root.account, region: root.region, role: look.role };
  try {
    const all = await d.lattice(place, held.leaseUntil).listServiceNetworks();
    const found = all.filter((network) => network.name === root.network || network.id === root.network);
    const ledger: Ledger = {
      ...held.ledger,
      observed: { kind: "service-network", found },
      output: outputOf(found),
      failures: 0,
      polls: found.length === 0 ? held.ledger.polls + 1 : 0,
    };
    const next = found.length === 1 ? visitNext(d, held, true) : againFor(held.ledger.polls, found.length);
    return record(compiled, { ledger, next }, d);
  } catch (error) {
    if (!(error instanceof LatticeError)) throw error;
    d.log.error("the service networks could not be listed", {
      root: held.root,
      code: error.code,
      said: error.message,
      requestId: error.requestId,
    });
    d.metrics.count("CallsFailed", 1, { operation: error.operation });
    const failures = held.ledger.failures + 1;
    const fate = fateOf(error, failures, d.random.fraction());
    const output = isTold(fate, failures) ? failedOutput(held.ledger.output, error) : held.ledger.output;
    const afterMs = "afterMs" in fate ? fate.afterMs : missingAgainMs;
    return tryLater(afterMs, { ...held.ledger, failures, output });
  }

  /** When it is looked for again, after so many looks before this one that found nothing. */
  function againFor(polls: number, found: number): Next {
    const soon = found === 0 ? missingAtFirstMs[polls] : undefined;
    const visit = later(d.clock.now(), soon ?? missingAgainMs);
    return soon === undefined
      ? { due: visit, why: "visit", visit }
      : { due: visit, why: "retry", visit, again: soon };
  }

  function tryLater(afterMs: number, ledger = held.ledger): Promise<RoundEnd | undefined> {
    const visit = later(d.clock.now(), afterMs);
    return record(compiled, { ledger, next: { ...unansweredFor(d, afterMs), visit } }, d);
  }
}

/** No network can have the name, so nobody looks for it. */
const neverFound = (compiled: CompiledRoot, d: ReconcileDeps): Promise<RoundEnd | undefined> =>
  record(
    compiled,
    { ledger: { ...compiled.held.ledger, output: outputOf([]) }, next: { due: undefined, why: "visit" } },
    d,
  );

/** What is said of a network that could not be looked for. One that was found serves on, whoever may not look at it now. */
function failedOutput(before: Output | undefined, error: LatticeError): Output {
  const was = before?.kind === "service-network" ? before : undefined;
  if (was?.state === "found") return was;
  const message = stillFailing(was?.state === "failed" ? was.message : undefined, error);
  return { kind: "service-network", state: "failed", message };
}

function outputOf(found: ObservedServiceNetwork["found"]): Output {
  const [first, ...others] = found;
  if (first === undefined) return { kind: "service-network", state: "missing" };
  if (others.length > 0)
    return {
      kind: "service-network",
      state: "ambiguous",
      ids: found.map((network) => network.id).toSorted(),
    };
  return { kind: "service-network", state: "found", ...first };
}
