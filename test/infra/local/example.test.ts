import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { RunDocument } from "../../../infra/local/proof/document.ts";
import { region } from "../../../infra/local/place.ts";
import { request } from "../../../infra/local/wire/request.ts";
import { boot, conditionOf, eventually, forwarderRestart, kube, priceOf, type Booted } from "./booted.ts";

/** The example, from manifests to traffic, and then one change after the other, each with its price in calls of Lattice. */
describe("the example on one machine", () => {
  let booted: Booted;
  let document: RunDocument;
  const route = { namespace: "shop", name: "checkout" };

  beforeAll(async () => {
    booted = await boot({});
    document = await booted.prove();
  }, 120_000);
  afterAll(() => booted.stop());

  const targetsOf = async (service: string): Promise<number> =>
    (await booted.lattice()).targetGroups
      .find((one) => one.cluster === "east" && one.service === service)
      ?.targets.filter((one) => one.status !== "DRAINING").length ?? 0;

  test("converges, and a quarter of the requests goes to the new version", () => {
    expect(document.problems).toEqual([]);
    expect(document.converged).toBe(true);
    const split = document.traffic.find((one) => one.by["shop/checkout-v1"] !== undefined);
    expect(split?.requests).toBe(2000);
    expect((split?.by["shop-next/checkout-v2"] ?? 0) / 2000).toBeGreaterThan(0.2);
    expect((split?.by["shop-next/checkout-v2"] ?? 0) / 2000).toBeLessThan(0.3);
  });

  test("costs exactly the calls of a first create: per group one create and one registration, per service one create, association, listener, and its rules", () => {
    const lattice = Object.fromEntries(
      Object.entries(document.calls).filter(([call]) => call.startsWith("lattice:")),
    );
    // East: two groups and a rule of path `/`. West: one group and a prefix, which is two Lattice rules.
    expect(lattice).toEqual({
      "lattice:ListServiceNetworks": 1,
      "lattice:CreateTargetGroup": 3,
      "lattice:RegisterTargets": 3,
      "lattice:CreateService": 2,
      "lattice:CreateServiceNetworkServiceAssociation": 2,
      "lattice:CreateListener": 2,
      "lattice:CreateRule": 3,
    });
  });

  test("two routes of one name in two clusters become two services", () => {
    expect(document.services.map((one) => [one.cluster, one.route])).toEqual([
      ["east", "shop/checkout"],
      ["west", "shop/checkout"],
    ]);
    expect(new Set(document.services.map((one) => one.name)).size).toBe(2);
    for (const one of document.services) expect(one.networks).toEqual(["checkout-network"]);
  });

  test("writes the outputs where the user looks: conditions, attached routes, annotations", async () => {
    const { body } = await kube(booted).get("HTTPRoute", route);
    for (const type of ["Accepted", "ResolvedRefs", "Programmed"])
      expect(conditionOf(body, type)).toMatchObject({
        status: "True",
        observedGeneration: body.metadata.generation,
      });
    const service = document.services.find((one) => one.cluster === "east");
    expect(Object.values(body.metadata.annotations ?? {})).toContain(service?.dnsName);
    const gateway = await kube(booted).get("Gateway", { namespace: "shop", name: "checkout-network" });
    expect(gateway.body["status"]).toMatchObject({ listeners: [{ name: "http", attachedRoutes: 1 }] });
  });

  test("a changed weight costs one call", async () => {
    const price = await priceOf(
      booted,
      () =>
        kube(booted).patch("HTTPRoute", route, [
          { op: "replace", path: "/spec/rules/0/backendRefs/0/weight", value: 25 },
        ]),
      async () =>
        JSON.stringify((await booted.lattice()).services).includes('"weight":25}') &&
        conditionOf((await kube(booted).get("HTTPRoute", route)).body, "Programmed")?.observedGeneration ===
          2,
    );
    expect(price).toEqual({ UpdateRule: 1 });
  });

  test("a pod added costs one call with one target, and a pod removed one", async () => {
    const deployment = { namespace: "shop", name: "checkout-v1" };
    const scale = (replicas: number) => () =>
      kube(booted).patch("Deployment", deployment, { spec: { replicas } });
    expect(await priceOf(booted, scale(4), async () => (await targetsOf("shop/checkout-v1")) === 4)).toEqual({
      RegisterTargets: 1,
    });
    expect(await priceOf(booted, scale(3), async () => (await targetsOf("shop/checkout-v1")) === 3)).toEqual({
      DeregisterTargets: 1,
    });
  });

  test("a repeated event costs nothing", async () => {
    const event = booted.events.findLast(
      (one) => one.source === "espalier.east" && one["detail-type"] === "Objects Changed",
    );
    const taken = booted.invoked.length;
    const price = await priceOf(
      booted,
      () =>
        putEvent(booted, {
          Source: "espalier.east",
          DetailType: "Objects Changed",
          Detail: JSON.stringify(event?.detail),
        }),
      () => booted.invoked.length > taken,
    );
    expect(price).toEqual({});
  });

  test("a forwarder that starts anew, with its full inventory, costs nothing", async () => {
    const restart = forwarderRestart(booted);
    expect(await priceOf(booted, restart.change, restart.done)).toEqual({});
  });

  test("a forwarder can put no events of another cluster", async () => {
    const credentials = booted.system.controlPlane.roles.get(
      "arn:aws:iam::111122223333:role/espalier-forwarder-west",
    );
    const client = new EventBridgeClient({
      region,
      endpoint: booted.system.controlPlane.endpoints.events,
      credentials: { ...required(credentials) },
    });
    const put = client.send(
      new PutEventsCommand({
        Entries: [
          { EventBusName: "espalier", Source: "espalier.east", DetailType: "Heartbeat", Detail: "{}" },
        ],
      }),
    );
    await expect(put).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("a route that is too large says so on itself, and the rest goes on", async () => {
    const headers = Array.from({ length: 16 }, (_, index) => ({
      name: `x-${index}`,
      value: "v".repeat(1_000),
    }));
    const rules = Array.from({ length: 16 }, (_, index) => ({
      matches: Array.from({ length: 2 }, (__, at) => ({
        path: { type: "Exact", value: `/${index}/${at}` },
        headers,
      })),
    }));
    const large = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "large" },
      spec: { parentRefs: [{ name: "checkout-network" }], rules },
    };
    expect((await kube(booted).create("HTTPRoute", "shop", large)).status).toBe(201);
    const accepted = async () =>
      conditionOf(
        (await kube(booted).get("HTTPRoute", { namespace: "shop", name: "large" })).body,
        "Accepted",
      );
    await eventually(
      "the route says that it is too large",
      async () =>
        (await accepted())?.message.includes("too large") === true ||
        (await accepted())?.message.includes("not taken over") === true,
    );
    expect(await accepted()).toMatchObject({ status: "False", observedGeneration: 1 });
    expect((await kube(booted).remove("HTTPRoute", { namespace: "shop", name: "large" })).status).toBe(200);
  });

  test("an HTTPS listener serves the route over TLS, vouched for by the authority that is published", async () => {
    const local = () => published.parse(JSON.parse(readFileSync(`${booted.folder}/local.json`, "utf8")));
    const arn = "arn:aws:acm:eu-central-1:111122223333:certificate/1";
    const options = { "application-networking.k8s.aws/certificate-arn": arn };
    const https = { name: "https", port: 443, protocol: "HTTPS", tls: { mode: "Terminate", options } };
    const gateway = { namespace: "shop", name: "checkout-network" };
    const listeners = [{ op: "add", path: "/spec/listeners/-", value: https }];
    expect((await kube(booted).patch("Gateway", gateway, listeners)).status).toBe(200);
    await eventually(
      "port 443 is served",
      () => local().dataPlane["checkout-network"]?.["443"] !== undefined,
    );
    const { dataPlane, dataPlaneCa } = local();
    const host = document.services.find((one) => one.cluster === "east")?.dnsName ?? "";
    const url = dataPlane["checkout-network"]?.["443"] ?? "";
    expect(url).toMatch(/^https:/);
    const ask = { host, http2: true, tls: { ca: readFileSync(dataPlaneCa, "utf8") } };
    // Until the change has reached the data plane, nobody there has this name.
    const answered = () =>
      request(url, ask).then(
        ({ echoed }) => echoed?.cluster === "east",
        (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" ? false : Promise.reject(error)),
      );
    await eventually("a pod answers", answered);
  });

  test("a deleted route is gone at once for its user, and leaves nothing in Lattice", async () => {
    const price = await priceOf(
      booted,
      () => kube(booted).remove("HTTPRoute", route),
      async () => {
        const { services, targetGroups } = await booted.lattice();
        return [...services, ...targetGroups].every((one) => one.cluster !== "east");
      },
    );
    expect((await kube(booted).get("HTTPRoute", route)).status).toBe(404);
    expect(price).toEqual({
      DeleteServiceNetworkServiceAssociation: 1,
      DeleteService: 1,
      DeregisterTargets: 2,
      DeleteTargetGroup: 2,
    });
  });

  // Last, because what is refused stays in its queue until it is a dead letter.
  test("events that cannot be believed are refused, counted, and nothing else suffers", async () => {
    const heartbeat = (cluster: string, version = 1) =>
      JSON.stringify({ version, cluster, epoch: "e", changes: [] });
    const refused = () =>
      booted.lines.filter((line) => line.includes("RefusedEvents") || line.includes("UnparsableEvents"))
        .length;
    const before = refused();
    await putEvent(booted, {
      Source: "espalier.nowhere",
      DetailType: "Objects Changed",
      Detail: heartbeat("nowhere"),
    });
    await putEvent(booted, {
      Source: "espalier.west",
      DetailType: "Objects Changed",
      Detail: heartbeat("east"),
    });
    await putEvent(booted, {
      Source: "espalier.east",
      DetailType: "Objects Changed",
      Detail: heartbeat("east", 99),
    });
    await eventually("three events are refused", () => refused() >= before + 3);
    expect((await booted.lattice()).services.map((one) => one.cluster)).toEqual(["west"]);
  });
});

const published = z.object({
  dataPlane: z.record(z.string(), z.record(z.string(), z.string())),
  dataPlaneCa: z.string(),
});

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this must be there");
  return value;
}

/** Puts an event as the administrator, who may put any. */
async function putEvent(
  booted: Booted,
  entry: { readonly Source: string; readonly DetailType: string; readonly Detail: string },
): Promise<void> {
  const { endpoints } = booted.system.controlPlane;
  const client = new EventBridgeClient({
    region,
    endpoint: endpoints.events,
    credentials: { ...booted.system.administrator },
  });
  const answer = await client.send(
    new PutEventsCommand({ Entries: [{ EventBusName: "espalier", ...entry }] }),
  );
  if (answer.FailedEntryCount !== 0) throw new Error(JSON.stringify(answer.Entries));
}
