import { expect, test } from "vitest";
import { lookOf, setCertificates } from "../../functions/desired/certificates.ts";
import type { Manifest } from "./cluster.ts";
import { place } from "./place.ts";
import { fittings, openShop, type Shop } from "./shop.ts";
import { networkOf } from "./traffic.ts";
import { pass } from "./world.ts";

const minute = 60_000;
const arn = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b";

const gateway: Manifest = {
  kind: "Gateway",
  namespace: "shop",
  name: "prod",
  body: {
    spec: {
      gatewayClassName: "espalier",
      listeners: [{ name: "https", port: 443, protocol: "HTTPS", tls: { mode: "Terminate" } }],
    },
  },
};

const routeFor = (path: string): Manifest => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name: "checkout",
  body: {
    spec: {
      parentRefs: [{ name: "prod" }],
      hostnames: ["checkout.example.com"],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs: [{ name: "cart", port: 80 }],
        },
      ],
    },
  },
});

/** What a look at ACM finds. */
async function found({ world }: Shop, domains: readonly string[]): Promise<void> {
  const look = await lookOf(world.table, place);
  if (look === undefined) throw new Error("nobody looks at certificates");
  const certificates = domains.length === 0 ? [] : [{ arn, domains, since: 0 }];
  const d = { table: world.table, queues: world.queues, now: world.scheduler.now() };
  if (!(await setCertificates(d, place, look, { is: "listed", certificates })))
    throw new Error("another look was finished");
}

test("a service whose certificate ACM lists no more keeps it and takes edits, and its route is told", async () => {
  const shop = await openShop("certificates", [...fittings, gateway, routeFor("/one")], { faults: {} });
  const { said, until, world } = shop;
  const answers = (path: string): boolean =>
    world.engine.route(place, {
      network: networkOf(world, "prod"),
      port: 443,
      protocol: "HTTPS",
      host: "checkout.example.com",
      method: "GET",
      path,
      headers: {},
    }).is === "target";
  const told = () => said("HTTPRoute", "checkout", "espalier.dev/Certificate");
  const has = (): unknown =>
    [...world.engine.state(place).services.values()].find((one) => one.customDomainName !== undefined)
      ?.certificateArn;
  await found(shop, ["*.example.com"]);
  await until("it answers", () => answers("/one"), minute);
  expect(told()).toBeUndefined();
  await found(shop, []);
  await until("the route is told", () => told() !== undefined, minute);
  expect(told()).toMatchObject({ status: "False", message: expect.stringContaining(arn) });
  shop.cluster.apply(routeFor("/two"));
  await until("the edit arrives", () => answers("/two") && !answers("/one"), minute);
  await pass(world, minute);
  expect(said("HTTPRoute", "checkout", "Programmed")?.status).toBe("True");
  expect(has()).toBe(arn);
  await found(shop, ["checkout.example.com"]);
  await until("nothing is to be told any more", () => told() === undefined, minute);
});
