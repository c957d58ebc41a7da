import type { KubeObject } from "../../infra/local/kubernetes/objects.ts";
import { z } from "zod";
import { hasConditions } from "./checks.ts";
import type { ConformanceTest } from "./conformancetest.ts";
import { gatewayClass, objectsIn, startStack, type Stack } from "./stack.ts";
import { statusOf } from "./status.ts";
import { startTrial } from "./trial.ts";

/** What became of a test; `why` says what did not hold. */
export interface Outcome {
  readonly name: string;
  readonly why?: string | undefined;
}

/** What became of all tests of a run. */
export interface Run {
  readonly outcomes: readonly Outcome[];
  /** The features that the GatewayClass says it supports. */
  readonly claimed: readonly string[];
}

/** More at the same time would only wait for the processors. */
const atOnce = 6;

/**
 * Runs tests, those that need the same quotas on one stack. Those that share nothing run at the same time; `onOutcome` hears
 * of each as it ends.
 */
export async function runTests(
  tests: readonly ConformanceTest[],
  onOutcome: (outcome: Outcome, seconds: number) => void,
): Promise<Run> {
  const outcomes: Outcome[] = [];
  let claimed: readonly string[] = [];
  const raised = tests.filter((one) => one.quotas !== undefined);
  for (const group of [tests.filter((one) => one.quotas === undefined), raised]) {
    if (group.length === 0) continue;
    const stack = await startStack([...new Set(group.flatMap((one) => one.quotas ?? []))]);
    try {
      const each = async (test: ConformanceTest): Promise<void> => {
        const startedAt = Date.now();
        const outcome = await outcomeOf(test, stack);
        outcomes.push(outcome);
        onOutcome(outcome, (Date.now() - startedAt) / 1_000);
      };
      await Promise.all([baseReady(stack), inTurns(group, each)]);
      claimed = await claimedBy(stack);
    } finally {
      stack.networks.stop();
      await stack.booted.stop();
    }
  }
  return { outcomes, claimed };
}

/** The suite runs only where its class and all Gateways of its base are accepted and programmed. Throws what is not. */
async function baseReady(stack: Stack): Promise<void> {
  const { trial } = startTrial(stack);
  await hasConditions("GatewayClass", gatewayClass, "Accepted True", "SupportedVersion True")(trial);
  for (const { metadata } of objectsIn("upstream/base/manifests.yaml").filter(
    (one) => one.kind === "Gateway",
  ))
    await hasConditions("Gateway", metadata.name, "Accepted True", "Programmed True")(trial);
}

async function claimedBy({ cluster }: Stack): Promise<readonly string[]> {
  const found = (await cluster.list("GatewayClass")).find(({ metadata }) => metadata.name === gatewayClass);
  return found === undefined ? [] : statusOf(found).supportedFeatures.map((one) => one.name);
}

async function outcomeOf({ name, manifest, checks }: ConformanceTest, stack: Stack): Promise<Outcome> {
  const { trial, end } = startTrial(stack);
  try {
    await trial.apply(manifest);
    for (const check of checks) await check(trial);
    return { name };
  } catch (error) {
    return { name, why: error instanceof Error ? error.message : String(error) };
  } finally {
    await end();
  }
}

/** Runs tests side by side, but never two that share something. */
async function inTurns(
  tests: readonly ConformanceTest[],
  run: (test: ConformanceTest) => Promise<void>,
): Promise<void> {
  const waiting = tests.map((test) => ({ test, needs: neededBy(test) }));
  const taken = new Set<string>();
  let running = 0;
  await new Promise<void>((resolve, reject) => {
    const next = (): void => {
      if (running === 0 && waiting.length === 0) return resolve();
      while (running < atOnce) {
        const at = waiting.findIndex(({ needs }) => needs.every((one) => !taken.has(one)));
        const [one] = at < 0 ? [] : waiting.splice(at, 1);
        if (one === undefined) return;
        running += 1;
        for (const need of one.needs) taken.add(need);
        run(one.test).then(() => {
          running -= 1;
          for (const need of one.needs) taken.delete(need);
          next();
        }, reject);
      }
    };
    next();
  });
}

const parents = z
  .looseObject({
    parentRefs: z.array(z.looseObject({ kind: z.string().default("Gateway"), name: z.string() })).default([]),
  })
  .catch({ parentRefs: [] });

/** What a test must have for itself: what it says that it shares, its objects, and the Gateways that its routes are attached to. */
function neededBy({ manifest, shares = [] }: ConformanceTest): readonly string[] {
  const objects = objectsIn(manifest);
  return [...shares, ...objects.map(placeOf), ...objects.flatMap(gatewaysOf)];
}

const placeOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

const gatewaysOf = (object: KubeObject): readonly string[] =>
  parents
    .parse(object["spec"] ?? {})
    .parentRefs.filter((one) => one.kind === "Gateway")
    .map((one) => `Gateway of a route: ${one.name}`);
