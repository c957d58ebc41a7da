import type { Heartbeat, WatchHealth } from "../bus/events.ts";
import { trimVersion } from "../bus/objects.ts";
import type { Rv } from "../model/ids.ts";
import { allKinds, type Kind } from "../model/objects.ts";

import { shelfOf, type Cache } from "./cache.ts";
import type { Origin } from "./pack.ts";

/** The forwarder's own version, for whoever wonders which one runs in a cluster. */
const forwarderVersion = "0.1.0";

/** What the forwarder sees now. A watch that has had no answer yet is not well. */
export function heartbeatOf(origin: Origin, cache: Cache): Heartbeat {
  const counts: Partial<Record<Kind, number>> = {};
  const last: Partial<Record<Kind, Rv>> = {};
  for (const kind of allKinds) {
    const { objects, rv } = shelfOf(cache, kind);
    counts[kind] = objects.size;
    if (rv !== undefined) last[kind] = rv;
  }
  const watches = allKinds.map((kind): WatchHealth => {
    const { health } = shelfOf(cache, kind);
    return { kind, ...(health ?? { ok: false, reason: "the API server has not answered yet" }) };
  });
  return {
    type: "Heartbeat",
    ...origin,
    versions: { forwarder: forwarderVersion, trim: trimVersion },
    counts,
    last,
    watches,
  };
}
