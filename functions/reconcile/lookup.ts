import { draw } from "../desired/budget.ts";
import type { Lane } from "../desired/lanes.ts";
import type { Ledger } from "../desired/ledger.ts";
import { later } from "../model/ids.ts";
import type { ObservedServiceNetwork, Output } from "../model/lattice.ts";
import type { ServiceNetworkRoot } from "../model/roots.ts";
import { fateOf } from "../apply/fate.ts";
import { LatticeError } from "../apply/lattice.ts";
import type { CompiledRoot } from "./compile.ts";
import type { ReconcileDeps } from "./deps.ts";
import { unansweredFor, visitNext } from "./next.ts";
import { record } from "./record.ts";
import type { RoundEnd } from "./round.ts";

/** How soon a network that was not found is looked for again: it may be made at any time, by whoever owns it. */
const missingAgainMs = 30_000;

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
    const ledger: Ledger = { ...held.ledger, observed: undefined, output: undefined };
    return record(compiled, { ledger, next: { due: undefined, why: "visit", forget: true } }, d);
  }
  const known = held.ledger.output?.kind === "service-network" && held.ledger.output.state === "found";
  if (known && !held.asks.some((ask) => ask.verify)) {
    return record(compiled, { ledger: held.ledger, next: visitNext(d, held, false) }, d);
  }
  const waitMs = await draw(d.table, root, lane, 1, d.clock.now(), d.settings.allowance);
  if (waitMs > 0) return tryLater(waitMs);
  try {
    const all = await d.lattice(root, held.leaseUntil).listServiceNetworks();
    const found = all.filter((network) => network.name === root.network || network.id === root.network);
    const ledger: Ledger = {
      ...held.ledger,
      observed: { kind: "service-network", found },
      output: outputOf(found),
      failures: 0,
    };
    const next =
      found.length === 1
        ? visitNext(d, held, true)
        : { due: later(d.clock.now(), missingAgainMs), why: "visit" as const };
    return record(compiled, { ledger, next }, d);
  } catch (error) {
    if (!(error instanceof LatticeError)) throw error;
    d.log.error("the service networks could not be listed", {
      root: held.root,
      code: error.code,
      message: error.message,
    });
    d.metrics.count("CallsFailed", 1, { operation: error.operation });
    const failures = held.ledger.failures + 1;
    const fate = fateOf(error, failures, d.random.fraction());
    return tryLater("afterMs" in fate ? fate.afterMs : missingAgainMs, failures);
  }

  function tryLater(afterMs: number, failures = held.ledger.failures): Promise<RoundEnd | undefined> {
    return record(compiled, { ledger: { ...held.ledger, failures }, next: unansweredFor(d, afterMs) }, d);
  }
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
