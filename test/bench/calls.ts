import { rmSync } from "node:fs";
import { boot, manifestFolder, type Booted } from "../infra/local/booted.ts";
import type { Size } from "./budgets.ts";
import { gateways, lifeOf, measure } from "./changes.ts";
import { backends, networkName } from "./manifests.ts";
import { judge, type Measured } from "./verdict.ts";

const sizes: readonly Size[] = [
  { rules: 1, listeners: 1, backends: 1, networks: 1 },
  { rules: 4, listeners: 1, backends: 2, networks: 1 },
  { rules: 8, listeners: 2, backends: 4, networks: 2 },
  { rules: 32, listeners: 2, backends: 8, networks: 3 },
];
const most = (of: (size: Size) => number): number => Math.max(...sizes.map(of));
const networks = most((size) => size.networks);

/** Room for the largest route and one more match; the others are Lattice's own defaults. */
const quotas = { "rules-per-listener": 40, "listeners-per-service": 2, "target-groups-per-service": 10 };

/**
 * Starts the local stack once, makes every change to a route of every size, and counts its calls of Lattice at the wire.
 * Answers the table, and whether all budgets are kept.
 */
export async function benchCalls(tell: (line: string) => void): ReturnType<typeof judged> {
  const folder = manifestFolder({ "bench.yaml": backends(most((size) => size.backends)) });
  tell("starting the local stack");
  const booted = await boot({ args: argumentsFor(folder) });
  try {
    return await judged(booted, tell);
  } finally {
    tell("stopping everything");
    await booted.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const argumentsFor = (folder: string): readonly string[] => [
  "--cluster",
  `east=${folder}`,
  ...Array.from({ length: networks }, (_, index) => ["--network", networkName(index)]).flat(),
  ...Object.entries(quotas).flatMap(([name, value]) => ["--quota", `${name}=${value}`]),
];

async function judged(booted: Booted, tell: (line: string) => void) {
  const measured: Measured[] = [await measure(booted, gateways(booted, networks))];
  for (const [index, size] of sizes.entries()) {
    for (const step of lifeOf(booted, `route-${index}`, size)) {
      const { rules, listeners, backends: groups, networks: n } = size;
      tell(`R=${rules} L=${listeners} B=${groups} N=${n}: ${step.change}`);
      measured.push(await measure(booted, step));
    }
  }
  return judge(measured);
}
