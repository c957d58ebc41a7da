import { LatticeFault } from "./fault.ts";
import type { Bucket, Settings } from "./settings.ts";

/** Token buckets for reads and writes of one account and region. */
export interface Throttle {
  /** Takes a token for a call; throws ThrottlingException when there is none. */
  take(operation: string, now: number): void;
}

export function createThrottle(settings: Settings): Throttle {
  const levels = {
    reads: { left: settings.reads.burst, at: 0 },
    writes: { left: settings.writes.burst, at: 0 },
  };
  return {
    take(operation, now) {
      const kind = /^(Get|List)/.test(operation) ? "reads" : "writes";
      const bucket: Bucket = settings[kind];
      const level = levels[kind];
      level.left = Math.min(
        bucket.burst,
        level.left + (Math.max(0, now - level.at) / 1000) * bucket.perSecond,
      );
      level.at = now;
      if (level.left < 1)
        throw new LatticeFault("ThrottlingException", "Rate exceeded", { serviceCode: "vpc-lattice" }, 1);
      level.left -= 1;
    },
  };
}
