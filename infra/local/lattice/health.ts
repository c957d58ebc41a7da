import type { Caller, LatticeEngine } from "./engine.ts";
import { matches, type HealthCheck } from "./healthchecks.ts";
import { createTargets, type Address, type AddressOf, type Targets } from "./targets.ts";

/** A target that says nothing for so long is not healthy. */
const waitMs = 2_000;

/** Checks the health of every target of a group in use, each interval; answers how to stop. */
export function checkHealth(
  engine: LatticeEngine,
  place: Caller,
  addressOf: AddressOf,
  intervalMs: number,
): () => void {
  const targets = createTargets();
  const timer = setInterval(() => {
    for (const group of engine.state(place).groups.values()) {
      const check = group.config.healthCheck;
      if (!check.enabled) continue;
      for (const target of group.targets.values()) {
        if (target.drainedAt !== undefined) continue;
        const address = addressOf(target.id, check.port ?? target.port);
        if (address === undefined) target.healthy = false;
        else probe(targets, address, check, (healthy) => (target.healthy = healthy));
      }
    }
  }, intervalMs);
  return () => {
    clearInterval(timer);
    targets.close();
  };
}

function probe(
  targets: Targets,
  address: Address,
  check: HealthCheck,
  done: (healthy: boolean) => void,
): void {
  const speaks = { protocol: check.protocol ?? "HTTP", version: check.protocolVersion };
  const request = { method: "GET", path: check.path, host: `${address.host}:${address.port}`, headers: {} };
  const giveUp = targets.send(address, speaks, request, {
    begun({ status, body }) {
      clearTimeout(tooLate);
      body?.resume();
      done(matches(check, status));
    },
    failed() {
      clearTimeout(tooLate);
      done(false);
    },
  });
  const tooLate = setTimeout(giveUp, waitMs);
}
