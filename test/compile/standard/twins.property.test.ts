import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ServiceModel } from "../../../functions/model/lattice.ts";
import { isRouteKind } from "../../../functions/model/routes.ts";
import { all, type World } from "../../../infra/local/proof/reading/listeners.ts";
import { answerTo } from "../../../infra/local/proof/reading/reading.ts";
import { compare, isForwarded, requests } from "./compare.ts";
import { generatedName } from "./rules.ts";
import { settled, type Settled } from "./settled.ts";
import { twinsOf } from "./worlds.ts";

const worlds = 100;

test("class amazon-vpc-lattice, two networks: in each a hostname is answered as the standard says of the routes that are served there", async () => {
  const count = { forwarded: 0, alone: 0, several: 0 };
  const property = fc.asyncProperty(twinsOf, async (world) => {
    const services = await settled(world);
    count.alone += services.filter(({ root }) => root.gateway !== undefined).length;
    count.several += [...Map.groupBy(services, ({ root }) => root.hostname)].filter(
      ([hostname, its]) => hostname !== "" && its.length > 1,
    ).length;
    for (const service of services) {
      const { want } = service.compiled;
      if (want.is !== "model" || want.model.kind !== "service") continue;
      count.forwarded += compareAll(world, service, want.model);
    }
  });
  await fc.assert(property, { numRuns: worlds });
  expect(count.forwarded, "requests that a backend answers").toBeGreaterThan(1_000);
  expect(count.several, "hostnames with several services").toBeGreaterThan(10);
  expect(count.alone, "of these, services for one Gateway alone").toBeGreaterThan(0);
}, 60_000);

/** Asks a service everything in each of its networks; answers how many requests a backend is for. */
function compareAll(world: World, { root, compiled }: Settled, model: ServiceModel): number {
  const served = Object.keys(compiled.serves ?? {});
  const its = world.filter(
    ({ kind, metadata: { namespace, name } }) =>
      !isRouteKind(kind) || served.includes(`${kind}/${namespace}/${name}`),
  );
  let forwarded = 0;
  for (const gateway of all(world, "Gateway")) {
    if (!model.networks.some(({ name }) => name === gateway.metadata.name)) continue;
    for (const one of requests) {
      const asked = { ...one, host: root.hostname === "" ? generatedName : root.hostname };
      const expected = answerTo(its, gateway, asked, "falls through");
      compare(model, asked, expected);
      if (isForwarded(expected)) forwarded += 1;
    }
  }
  return forwarded;
}
