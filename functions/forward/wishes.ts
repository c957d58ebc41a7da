import { z } from "zod";

import { parseWish, wishPlace } from "../bus/wish.ts";
import type { ClusterName } from "../model/ids.ts";
import type { ObjectRef } from "../model/objects.ts";
import type { Log } from "../runtime/clock.ts";

import type { Sink } from "./reflector.ts";

const annotated = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }),
});

/**
 * Hears what the control plane asks for through the ConfigMap. What stands there at the start is not asked for again: the
 * first inventory has answered it.
 */
export function wishSink(
  cluster: ClusterName,
  log: Log,
  requested: (refs: readonly ObjectRef[]) => void,
): Sink {
  let last: string | undefined;
  let begun = false;

  function look(object: unknown): void {
    const text = annotated.safeParse(object).data?.metadata.annotations?.[wishPlace.annotation];
    if (text === undefined) return;
    const wish = parseWish(cluster, text);
    if ("refused" in wish) {
      log.warn("a wish of the control plane cannot be read", { reason: wish.refused });
      return;
    }
    if (wish.id === last) return;
    last = wish.id;
    if (begun) requested(wish.refs);
  }

  return {
    replaced(items) {
      for (const item of items) look(item);
      begun = true;
    },
    changed(type, object) {
      if (type !== "DELETED") look(object);
    },
    passed: () => undefined,
    health(health) {
      if (!health.ok) log.warn("wishes of the control plane are not heard", { reason: health.reason });
    },
  };
}
