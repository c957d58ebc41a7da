import { afterEach, describe, expect, test } from "vitest";

import { createReflector, type Health, type Reflector } from "../../functions/forward/reflector.ts";
import { defaultSettings } from "../../functions/forward/settings.ts";
import { service } from "../bus/raw.ts";

import { FakeCluster, refusal, VirtualTime } from "./world.ts";

const running: Reflector[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((reflector) => reflector.stop()));
});

/** A reflector of Services, and what its sink was told. */
function watching(cluster = new FakeCluster(), taking: (object: unknown) => void = () => undefined) {
  const time = new VirtualTime();
  const told: string[] = [];
  const health: Health[] = [];
  const name = (object: unknown): string => String(Object(Object(object).metadata).name);
  const reflector = createReflector(
    {
      list: (options) => cluster.list("Service", options),
      watch: (rv, options, onEvent, signal) => cluster.watch("Service", rv, options, onEvent, signal),
    },
    {
      replaced: (items, rv) => told.push(`replaced ${items.map(name).join(",")} at ${rv}`),
      changed: (type, object) => {
        taking(object);
        told.push(`${type} ${name(object)}`);
      },
      passed: (rv) => told.push(`passed ${rv}`),
      health: (now) => health.push(now),
    },
    {
      clock: time,
      setTimer: time.setTimer,
      random: { token: () => "", fraction: () => 0.5 },
      settings: { ...defaultSettings, page: 2 },
    },
  );
  running.push(reflector);
  return { time, cluster, told, health, reflector };
}

/** The same, with three Services and a first list behind it. */
async function settled(taking?: (object: unknown) => void) {
  const cluster = new FakeCluster();
  for (const name of ["a", "b", "c"]) cluster.put("Service", service(name));
  const world = watching(cluster, taking);
  world.reflector.start();
  await world.time.pass(2000);
  world.told.length = 0;
  world.cluster.requests.length = 0;
  return world;
}

test("a list comes in pages, then a watch begins where it ended", async () => {
  const cluster = new FakeCluster();
  for (const name of ["a", "b", "c"]) cluster.put("Service", service(name));
  const world = watching(cluster);
  world.reflector.start();
  await world.time.settle();
  expect(world.told).toEqual(["replaced a,b,c at 103"]);
  expect(cluster.requests).toEqual(["list Service", "list Service 2", "watch Service 103"]);
  expect(world.health).toEqual([{ ok: true }]);
});

describe("a watch that the server closes", () => {
  test("is resumed at the last event, without a list", async () => {
    const { cluster, time, told } = await settled();
    cluster.put("Service", service("d"));
    cluster.close("Service");
    await time.pass(1000);
    cluster.put("Service", service("e"));
    expect(cluster.requests).toEqual(["watch Service 104"]);
    expect(told).toEqual(["ADDED d", "ADDED e"]);
  });

  test("is resumed at the last bookmark", async () => {
    const { cluster, time, told } = await settled();
    cluster.rv = 500;
    cluster.bookmark("Service");
    cluster.close("Service");
    await time.pass(1000);
    expect(told).toEqual(["passed 500"]);
    expect(cluster.requests).toEqual(["watch Service 500"]);
  });

  test("at once, again and again, is not asked for in a tight loop", async () => {
    const { cluster, time } = await settled();
    cluster.fault = (verb) => {
      if (verb === "watch") setImmediate(() => cluster.close("Service"));
    };
    cluster.close("Service");
    await time.pass(60_000);
    expect(cluster.requests.length).toBeLessThan(15);
  });
});

describe("a resourceVersion that is too old", () => {
  test("in the stream leads to a new list at once, which finds what has gone", async () => {
    const { cluster, time, told, health } = await settled();
    cluster.oldest = 200;
    cluster.rv = 300;
    cluster.objects.get("Service")?.delete("shop/b");
    cluster.close("Service");
    await time.settle();
    expect(cluster.requests).toEqual(["watch Service 103", "list Service", "watch Service 300"]);
    expect(told).toEqual(["replaced a,c at 300"]);
    expect(health.every(({ ok }) => ok)).toBe(true);
  });

  test("as an HTTP status does so too", async () => {
    const { cluster, time, told } = await settled();
    let first = true;
    cluster.fault = (verb) => {
      if (verb !== "watch" || !first) return;
      first = false;
      throw refusal(410);
    };
    cluster.close("Service");
    await time.settle();
    expect(told).toEqual(["replaced a,b,c at 103"]);
  });

  test("that is answered to every watch does not end in a tight loop of lists", async () => {
    const { cluster, time, health } = await settled();
    cluster.oldest = 1_000_000;
    cluster.close("Service");
    await time.pass(60_000);
    expect(cluster.requests.filter((request) => request === "list Service").length).toBeLessThan(15);
    expect(health.at(-1)).toEqual({ ok: false, reason: "410: too old resource version" });
  });
});

describe("errors", () => {
  const lost = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  test.each<[string, Error]>([
    ["500", refusal(500)],
    ["429", refusal(429)],
    ["a reset", lost],
  ])("%s on a watch: it goes on where it was", async (_name, error) => {
    const { cluster, time, told } = await settled();
    cluster.close("Service", error);
    await time.pass(1000);
    cluster.put("Service", service("d"));
    expect(cluster.requests).toEqual(["watch Service 103"]);
    expect(told).toEqual(["ADDED d"]);
  });

  test.each<[string, Error]>([
    ["500", refusal(500)],
    ["a reset", lost],
  ])("%s on every attempt: backs off, says so, and recovers by itself", async (_name, error) => {
    const { cluster, time, health, told } = await settled();
    cluster.fault = () => {
      throw error;
    };
    cluster.close("Service", error);
    await time.pass(10 * 60_000);
    expect(cluster.requests.length).toBeGreaterThan(10);
    expect(cluster.requests.length).toBeLessThan(50);
    expect(health.at(-1)).toMatchObject({ ok: false, reason: expect.stringContaining(error.message) });
    cluster.fault = () => undefined;
    cluster.put("Service", service("d"));
    await time.pass(60_000);
    expect(health.at(-1)).toEqual({ ok: true });
    expect(told).toEqual(["ADDED d"]);
  });

  test("a list that fails in the middle is begun again, and nothing of it is used", async () => {
    const cluster = new FakeCluster();
    for (const name of ["a", "b", "c"]) cluster.put("Service", service(name));
    const world = watching(cluster);
    cluster.fault = () => {
      if (cluster.requests.length === 2) throw refusal(500);
    };
    world.reflector.start();
    await world.time.pass(1000);
    expect(world.told).toEqual(["replaced a,b,c at 103"]);
    expect(cluster.requests.slice(0, 4)).toEqual([
      "list Service",
      "list Service 2",
      "list Service",
      "list Service 2",
    ]);
  });

  test("429 with a time to wait is waited for", async () => {
    const { cluster, time } = await settled();
    cluster.close("Service", refusal(429, 20_000));
    await time.pass(19_900);
    expect(cluster.requests).toEqual([]);
    await time.pass(200);
    expect(cluster.requests).toEqual(["watch Service 103"]);
  });

  test("403 is reported at once and asked for slowly, until it is allowed", async () => {
    const { cluster, time, health } = await settled();
    cluster.fault = () => {
      throw refusal(403);
    };
    cluster.close("Service");
    await time.settle();
    expect(health.at(-1)).toEqual({ ok: false, reason: "403: refused with 403" });
    await time.pass(60_000);
    expect(cluster.requests.length).toBeLessThanOrEqual(6);
    cluster.fault = () => undefined;
    await time.pass(31_000);
    expect(health.at(-1)).toEqual({ ok: true });
  });

  test("a list that works does not hide a watch that is forbidden", async () => {
    const cluster = new FakeCluster();
    const world = watching(cluster);
    cluster.fault = (verb) => {
      if (verb === "watch") throw refusal(403);
    };
    world.reflector.start();
    await world.time.pass(120_000);
    world.reflector.relist();
    await world.time.pass(100);
    expect(world.health.filter(({ ok }) => ok)).toHaveLength(1);
    expect(world.health.at(-1)).toMatchObject({ ok: false });
  });

  test("an error in the stream that is not 410 keeps the place", async () => {
    const { cluster, time } = await settled();
    cluster.send("Service", { type: "ERROR", object: { code: 500, message: "etcd is away" } });
    await time.pass(1000);
    expect(cluster.requests).toEqual(["watch Service 103"]);
  });

  test("what the sink cannot take is found by a new list", async () => {
    let broken = true;
    const { cluster, time, told } = await settled(() => {
      if (broken) throw new TypeError("cannot be taken");
    });
    cluster.put("Service", service("d"));
    broken = false;
    await time.pass(1000);
    expect(told).toEqual(["replaced a,b,c,d at 104"]);
  });

  test("a watch that outlives its time without a word is given up and begun again", async () => {
    const { cluster, time } = await settled();
    await time.pass(4 * 60_000);
    expect(cluster.requests).toEqual(["watch Service 103"]);
  });
});

test("a stop ends the watch, and nothing is asked for after it", async () => {
  const { cluster, time, reflector } = await settled();
  await reflector.stop();
  cluster.put("Service", service("d"));
  await time.pass(600_000);
  expect(cluster.requests).toEqual([]);
});

test("a stop in the middle of a wait does not wait for it", async () => {
  const { cluster, time, reflector } = await settled();
  cluster.close("Service", refusal(403));
  await time.settle();
  await reflector.stop();
  await time.pass(600_000);
  expect(cluster.requests).toEqual([]);
});
