import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../../functions/compile/compile.ts";
import type { ServiceModel } from "../../../functions/model/lattice.ts";
import { isRouteKind } from "../../../functions/model/routes.ts";
import type { ServiceRoot } from "../../../functions/model/roots.ts";
import { sceneFrom } from "../scene.ts";
import { compare, isForwarded, requests } from "./compare.ts";
import { all, type World } from "../../../infra/local/proof/reading/listeners.ts";
import { answerTo, hostnamesAt, type Asked } from "../../../infra/local/proof/reading/reading.ts";
import { generatedName } from "./rules.ts";
import { askedBy, roomy } from "./settled.ts";
import { worldOf } from "./worlds.ts";

/** How many worlds are made; each is asked all requests. */
const worlds = 400;

test("class espalier: a Gateway answers as the standard says, under every exact hostname and at its address", async () => {
  const count = { requests: 0, forwarded: 0 };
  const property = fc.asyncProperty(worldOf("espalier"), async (world) => {
    const services = await servicesOf(world);
    for (const gateway of all(world, "Gateway")) {
      const its = services.filter(({ root }) => root.name === gateway.metadata.name);
      const hostnames = hostnamesAt(world, gateway);
      expect(new Set(its.map(({ root }) => root.hostname))).toEqual(hostnames);
      for (const asked of requests) {
        const name = nameOf(asked);
        const model = its.find(({ root }) => root.hostname === name)?.model;
        // Nothing in Lattice has a wildcard domain.
        if (model === undefined) continue;
        const expected = answerTo(world, gateway, asked, "isolated");
        compare(model, asked, expected);
        count.requests += 1;
        if (isForwarded(expected)) count.forwarded += 1;
      }
    }
  });
  await fc.assert(property, { numRuns: worlds });
  expect(count.requests, "requests that were compared").toBeGreaterThan(5_000);
  expect(count.forwarded, "of these, requests that a backend answers").toBeGreaterThan(1_000);
});

test("class amazon-vpc-lattice: the service of a hostname, or of a route without, answers as the standard says of its routes", async () => {
  const count = { requests: 0, forwarded: 0 };
  const property = fc.asyncProperty(worldOf("amazon-vpc-lattice"), async (world) => {
    const [gateway] = all(world, "Gateway");
    if (gateway === undefined) throw new Error("no Gateway");
    const services = await servicesOf(world);
    for (const service of services) {
      const { hostname } = service.root;
      const its = worldAlone(world, services, service);
      if (hostname !== "") expect(hostnamesAt(its, gateway)).toContain(hostname);
      for (const one of requests) {
        const asked = { ...one, host: hostname === "" ? generatedName : hostname };
        const expected = answerTo(its, gateway, asked, "falls through");
        compare(service.model, asked, expected);
        count.requests += 1;
        if (isForwarded(expected)) count.forwarded += 1;
      }
    }
  });
  await fc.assert(property, { numRuns: worlds });
  expect(count.requests, "requests that were compared").toBeGreaterThan(5_000);
  expect(count.forwarded, "of these, requests that a backend answers").toBeGreaterThan(1_000);
});

interface Compiled {
  readonly root: ServiceRoot;
  readonly model: ServiceModel;
}

/** The services that the routes of a world ask for, compiled. */
async function servicesOf(world: World): Promise<readonly Compiled[]> {
  const scene = sceneFrom(world, roomy);
  const asked = await askedBy(scene, world);
  return Promise.all(
    [...asked.values()].map(async (root) => {
      const { want } = await compile(root, scene.view(root, true).view);
      if (want.is !== "model" || want.model.kind !== "service") throw new Error(JSON.stringify(want));
      return { root, model: want.model };
    }),
  );
}

/**
 * The world as a service of class `amazon-vpc-lattice` knows it: its routes are those that ask for its hostname, or, without one,
 * its own alone.
 */
function worldAlone(world: World, services: readonly Compiled[], { root }: Compiled): World {
  const its = services
    .map((one) => one.root)
    .filter((one) => one.hostname !== "" && one.hostname === root.hostname);
  const asking = [root, ...its].map(({ of, namespace, name }) => `${of} ${namespace}/${name}`);
  return world.filter(
    ({ kind, metadata: { namespace, name } }) =>
      !isRouteKind(kind) || asking.includes(`${kind} ${namespace}/${name}`),
  );
}

const nameOf = ({ host }: Asked): string => {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  return name === generatedName ? "" : name;
};
