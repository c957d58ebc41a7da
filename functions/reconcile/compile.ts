import { compile } from "../compile/compile.ts";
import type { Compiled } from "../compile/compiled.ts";
import type { Own } from "../compile/view.ts";
import type { Held, Ledger } from "../desired/ledger.ts";
import { isOwed, nothingOwed, readersOf, send } from "../desired/owed.ts";
import { addReaders } from "../desired/readers.ts";
import { takeHostnames } from "../desired/claims.ts";
import type { ReadKey, RootKey } from "../model/ids.ts";
import { gatewayOfRead, outputOfRead, outputRead } from "../model/reads.ts";
import { parseRoot, type Root } from "../model/roots.ts";
import type { ReconcileDeps } from "./deps.ts";
import { fixedName } from "./place.ts";
import { countWhatIsThere, usesThere } from "./shares.ts";
import { recordingView, type Recording } from "./view.ts";

/** How often a compile is repeated because what it read changed meanwhile, before its message must come back. */
const attemptsMax = 6;

export interface CompiledRoot {
  readonly held: Held;
  readonly compiled: Compiled;
  readonly recording: Recording;
  /** Whether anybody reads this root's output. */
  readonly wanted: boolean;
}

/**
 * Compiles a root with no wake-up lost: whatever the compile read for the first time is registered, and then read again.
 * A change before the second read is seen by it; a change after it wakes the root, because the reader is registered.
 * Answers undefined when the lease was lost; throws when desired state does not hold still.
 */
export async function compileRoot(
  root: Root,
  start: Held,
  d: ReconcileDeps,
): Promise<CompiledRoot | undefined> {
  const counted = await countWhatIsThere(d.table, start);
  if (counted === undefined) return undefined;
  let held = counted;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const readers = await readersOf(d.table, outputRead(held.root));
    const wanted = readers.some((reader) => isKeptBy(root, parseRoot(reader)));
    const own = ownOf(held.ledger, wanted);
    const recording = recordingView(d.table, own, d.installation);
    const compiled = await compile(root, recording.view);
    // A holder that died may have put a read on the list and not yet its reader item.
    const known = new Set(held.inherited ? [] : held.ledger.reads);
    const fresh = recording.reads().filter((read) => !known.has(read));
    const grown = await addReaders(d.table, held, fresh);
    if (grown === undefined) return undefined;
    held = { ...(await settle(grown, d)), inherited: false };
    if (await recording.changed(fresh)) continue;
    const claimed = await takeHostnames(d.table, held, compiled.claims ?? []);
    if (claimed === undefined) return undefined;
    held = await settle(claimed.held, d);
    // Who came first serves the hostname: the next compile sees who that is.
    if (claimed.refused.length === 0) return { held, compiled, recording, wanted };
  }
  throw new Error(`what ${held.root} reads changed during each of ${attemptsMax} compiles`);
}

/** What a root's ledger fixes for its compile; `wanted` is whether anybody reads its output. */
export function ownOf(ledger: Ledger, wanted: boolean): Own {
  const { incarnation, reads, claims, uses, served, observed, output, refs, reported } = ledger;
  const there = usesThere(observed);
  const group = observed?.kind === "target-group" ? observed.config : undefined;
  return {
    name: fixedName(ledger),
    incarnation,
    wanted,
    services: servicesIn(reads),
    gateways: reads.flatMap((read) => gatewayOfRead(read) ?? []),
    claims,
    serves: served,
    declines: (output?.kind === "service" ? output.declines : undefined) ?? [],
    uses,
    groups: Object.entries(refs).flatMap(([id, key]) => {
      const root = parseRoot(key);
      return root.kind === "target-group" ? [{ id, backend: root.backend }] : [];
    }),
    certificate:
      observed?.kind === "service" && observed.ours !== "foreign" ? observed.certificateArn : undefined,
    networks: there.flatMap((use) => use.network ?? []),
    hostname: observed?.kind === "service" ? observed.customDomainName : undefined,
    spoken: group && { protocol: group.protocol, version: group.version },
    told: Object.keys(reported).length > 0,
    exists: there.length > 0,
  };
}

/**
 * Whether a reader of a root's output wants it. A Gateway that shows the address of a route's service leaves that to routes, and so does
 * a service that looks at another of its hostname.
 */
export const isKeptBy = (root: Root, reader: Root): boolean =>
  root.kind !== "service" ||
  (reader.kind !== "service" && (reader.kind !== "gateway" || root.of === "Gateway"));

/** The services among what a root has read. */
const servicesIn = (reads: readonly ReadKey[]): readonly RootKey[] =>
  reads.flatMap((read) => {
    const root = outputOfRead(read);
    return root !== undefined && parseRoot(root).kind === "service" ? [root] : [];
  });

/** Sends what is owed. The debt leaves the ledger with the holder's next write. */
export async function settle(held: Held, d: ReconcileDeps): Promise<Held> {
  if (!isOwed(held.owed)) return held;
  await send(held.owed, d.table, d.queues);
  return { ...held, owed: nothingOwed };
}
