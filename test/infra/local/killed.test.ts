import { afterEach, expect, test } from "vitest";
import type { Template } from "../../../infra/aws/synth.ts";
import { boot, latticeCalls, type Booted } from "./booted.ts";

let booted: Booted | undefined;
afterEach(() => booted?.stop());

test("functions that are killed again and again while the example is made leave one service per route, one group per backend, and no orphan", async () => {
  const run = await boot({ args: ["--requests", "100"], change: impatient });
  booted = run;
  const { functions } = run.system.controlPlane;
  const killed = ["espalier-reconcile", "espalier-ingest", "espalier-status"];
  const hit = (): number => run.invoked.filter((one) => !one.ok).length;
  // On a busy machine it takes longer until enough of them have died at work.
  for (let round = 0; round < 28 || (hit() <= 2 && round < 200); round += 1) {
    functions.kill(killed[round % 4 === 3 ? 0 : round % killed.length] ?? "");
    await new Promise((resolve) => setTimeout(resolve, 90 + 37 * (round % 7)));
  }
  expect(hit()).toBeGreaterThan(2);
  // What is due is sent each minute; here it is asked for, so that nobody has to wait for the minute.
  const sweeping = setInterval(() => void functions.invoke("espalier-drift", {}), 5_000);
  const document = await run.prove();
  clearInterval(sweeping);
  expect(document.problems).toEqual([]);
  expect(document.converged).toBe(true);
  expect(document.services.map((one) => [one.cluster, one.route, one.listeners[0]?.rules.length])).toEqual([
    ["east", "shop/checkout", 1],
    ["west", "shop/checkout", 2],
  ]);
  const groups = document.targetGroups.map((one) => `${one.cluster} ${one.service} ${one.targets.length}`);
  expect(groups.toSorted()).toEqual([
    "east shop-next/checkout-v2 2",
    "east shop/checkout-v1 3",
    "west shop/orders 2",
  ]);
  // No second service, group or rule was made on the way and then taken away or left behind.
  const calls = latticeCalls(run);
  expect(Object.keys(calls).filter((call) => call.startsWith("Delete"))).toEqual([]);
}, 240_000);

/** A template in which a message comes back, and a lease ends, soon after a function was killed: to wait less, not to change what happens. */
function impatient(template: Template): Template {
  const faster = Object.entries(template.Resources).map(([id, resource]) => {
    const { Type, Properties = {} } = resource;
    if (Type === "AWS::Lambda::Function")
      return [id, { ...resource, Properties: { ...Properties, Timeout: 4 } }] as const;
    if (Type === "AWS::SQS::Queue")
      return [id, { ...resource, Properties: { ...Properties, VisibilityTimeout: 20 } }] as const;
    return [id, resource] as const;
  });
  return { ...template, Resources: Object.fromEntries(faster) };
}
