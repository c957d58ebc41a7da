import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { BusEvent, Change } from "../../functions/bus/events.ts";
import { parseObject } from "../../functions/bus/objects.ts";
import { nameKey } from "../../functions/forward/cache.ts";
import { kinds, type Kind } from "../../functions/model/objects.ts";
import { endpointSlice, gateway, routeTo, service } from "../bus/raw.ts";

import { refusal, World } from "./world.ts";

/** What a control plane knows that believes only the newest word of each object, and complete inventories. */
class Believer {
  readonly known = new Map<string, { kind: Kind; rv: number; body: unknown }>();

  hear(event: BusEvent): void {
    if (event.type === "Objects Changed") for (const change of event.changes) this.#take(change);
    if (event.type !== "Inventory") return;
    for (const body of event.bodies) this.#take(body);
    // A cluster this small fits in one chunk, so that each chunk is complete.
    const listed = new Set(
      event.entries.map(([kind, namespace, name]) => nameKey({ kind, namespace, name })),
    );
    for (const [key, { kind, rv }] of this.known) {
      const taken = event.taken[kind];
      if (taken !== undefined && rv < taken && !listed.has(key)) {
        this.known.set(key, { kind, rv: taken, body: undefined });
      }
    }
    for (const [kind, namespace, name] of event.absent) {
      const taken = event.taken[kind];
      const key = nameKey({ kind, namespace, name });
      if (taken !== undefined && (this.known.get(key)?.rv ?? -1) < taken) {
        this.known.set(key, { kind, rv: taken, body: undefined });
      }
    }
  }

  #take(change: Change): void {
    const key = nameKey(change.op === "put" ? { kind: change.kind, ...change.object.metadata } : change);
    if ((this.known.get(key)?.rv ?? -1) >= change.rv) return;
    const body = change.op === "put" ? change.object : undefined;
    this.known.set(key, { kind: change.kind, rv: change.rv, body });
  }
}

const name = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("route" as const), name, to: name, gone: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("service" as const), name, port: fc.nat(3), gone: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("slice" as const), name, of: name, gone: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("gateway" as const), gone: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(10, 60, 700, 40_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("bus" as const), refuses: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("api" as const), status: fc.constantFrom(0, 200, 403, 410, 500) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("compact" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function edit(world: World, kind: Kind, raw: unknown, gone: boolean): void {
  if (gone) world.cluster.remove(kind, raw);
  else world.cluster.put(kind, raw);
}

async function act(world: World, now: Step): Promise<void> {
  const { cluster } = world;
  switch (now.do) {
    case "route":
      return edit(world, "HTTPRoute", routeTo(now.name, now.to), now.gone);
    case "service":
      return edit(world, "Service", service(now.name, { ports: [{ port: 80 + now.port }] }), now.gone);
    case "slice":
      return edit(world, "EndpointSlice", endpointSlice(now.name, now.of), now.gone);
    case "gateway":
      return edit(world, "Gateway", gateway("front"), now.gone);
    case "pass":
      return world.time.pass(now.ms);
    case "bus":
      world.refuses = () => now.refuses;
      return;
    case "api":
      cluster.fault = () => {
        if (now.status !== 200) throw now.status === 0 ? new Error("reset") : refusal(now.status);
      };
      for (const kind of ["HTTPRoute", "Service", "EndpointSlice"] as const) cluster.close(kind);
      return;
    case "compact":
      cluster.oldest = cluster.rv;
      for (const kind of ["HTTPRoute", "Service"] as const) cluster.close(kind);
      return;
  }
}

/** What must be known when all is quiet: every object that is not filtered, and of the others those that routes name. */
function truth(world: World): ReadonlyMap<string, unknown> {
  const parsed = [...world.cluster.objects].flatMap(([kind, objects]) =>
    [...objects.values()].map((raw) => {
      const answer = parseObject<Kind>(kind, raw);
      if (!answer.ok) throw new Error(answer.problems);
      return answer.object;
    }),
  );
  const named = new Set(
    parsed.flatMap((object) =>
      object.kind === "HTTPRoute"
        ? object.spec.rules.flatMap(({ backendRefs }) => backendRefs.map(({ name }) => name))
        : [],
    ),
  );
  const travelling = parsed.filter((object) => {
    if (!kinds[object.kind].filtered) return true;
    const { name, labels } = object.metadata;
    return named.has(object.kind === "Service" ? name : (labels["kubernetes.io/service-name"] ?? ""));
  });
  const bodies = travelling.map((object): [string, unknown] => [
    nameKey({ kind: object.kind, ...object.metadata }),
    object,
  ]);
  const ghosts = [...named].map((name): [string, unknown] => [
    nameKey({ kind: "Service", namespace: "shop", name }),
    undefined,
  ]);
  return new Map([...ghosts, ...bodies]);
}

test("whatever the API server and the bus do, in the end the control plane knows the cluster as it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = new World({ queueMax: 4 });
      world.forwarder.start();
      for (const now of steps) await act(world, now);
      world.refuses = () => false;
      world.cluster.fault = () => undefined;
      await world.time.pass(120_000);
      const believer = new Believer();
      for (const event of world.events) believer.hear(event);
      const all = truth(world);
      for (const [key, body] of all) expect(believer.known.get(key)?.body, key).toEqual(body);
      // What it knows of others exists too, or will be found gone by the next inventory.
      await world.time.pass(10 * 60_000);
      for (const event of world.events) believer.hear(event);
      const exists = new Set(
        [...world.cluster.objects].flatMap(([kind, objects]) =>
          [...objects.keys()].map((key) => `${kind}/${key}`),
        ),
      );
      for (const [key, { body }] of believer.known) if (body !== undefined) expect(exists).toContain(key);
      await world.forwarder.stop();
    }),
    { numRuns: 60 },
  );
});
