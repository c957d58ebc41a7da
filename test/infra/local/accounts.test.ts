import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { RunDocument } from "../../../infra/local/proof/document.ts";
import { account as home, region } from "../../../infra/local/place.ts";
import { lookAtLattice } from "../../../infra/local/proof/look.sdk.ts";
import { latticeClient } from "../../../infra/local/latticeside.ts";
import { boot, manifestFolder, type Booted } from "./booted.ts";
import { fine } from "./manifests.ts";

const other = "444455556666";

/** Calls by operation and caller. */
const byCaller = z.record(z.string(), z.record(z.string(), z.number()));
const counted = z.object({ lattice: byCaller, acm: byCaller });

/** A cluster in another account than the control plane: all of its Lattice is there, and roles are assumed to get at it. */
describe("a cluster in another account", () => {
  let booted: Booted;
  let document: RunDocument;

  beforeAll(async () => {
    const folder = manifestFolder({ "fine.yaml": fine });
    const args = ["--cluster", `east=${folder}`, "--account", `east=${other}`];
    booted = await boot({ args: [...args, "--network", "net", "--requests", "20"] });
    document = await booted.prove();
  }, 90_000);
  afterAll(() => booted.stop());

  const credentialsOf = (role: string) => {
    const found = booted.system.controlPlane.roles.get(role);
    if (found === undefined) throw new Error(`no role ${role}`);
    return { ...found };
  };
  const roleOf = (owner: string, name: string): string => `arn:aws:iam::${owner}:role/espalier-${name}`;

  test("is served from there, and nothing is made in the account of the control plane", async () => {
    expect(document.problems).toEqual([]);
    expect(document.converged).toBe(true);
    expect(document.clusters["east"]?.account).toBe(other);
    expect(document.traffic.map((one) => one.by)).toEqual([{ "shop/web": 20 }]);
    const [service] = document.services;
    expect(service?.arn).toContain(`:${other}:`);
    expect(service?.networks).toEqual([`${other}/net`]);
    const { endpoints } = booted.system.controlPlane;
    const atHome = await lookAtLattice(latticeClient(endpoints.lattice, booted.system.administrator));
    expect(atHome).toEqual({ services: [], targetGroups: [] });
  });

  test("all calls of Lattice and ACM are of the role there", () => {
    const { lattice, acm } = counted.parse(booted.system.calls.all());
    const callers = [...Object.values(lattice), ...Object.values(acm)].flatMap((each) => Object.keys(each));
    expect(new Set(callers)).toEqual(new Set(["administrator", "espalier-writer"]));
    expect(acm["ListCertificates"]).toEqual({ "espalier-writer": expect.any(Number) });
  });

  test.each([
    { who: "the forwarder of the cluster", role: roleOf(other, "forwarder-east") },
    { who: "a function that has no need of it", role: roleOf(home, "ingest") },
    { who: "the function that writes status", role: roleOf(home, "status") },
  ])("$who cannot assume the role that acts on Lattice", async ({ role }) => {
    const { sts } = booted.system.controlPlane.endpoints;
    const client = new STSClient({ region, endpoint: sts, credentials: credentialsOf(role) });
    const assume = new AssumeRoleCommand({ RoleArn: roleOf(other, "writer"), RoleSessionName: "test" });
    await expect(client.send(assume)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("its forwarder puts events of its own cluster on the bus of the other account, and of no other", async () => {
    expect(booted.events.filter((one) => one.source === "espalier.east").map((one) => one.account)).toContain(
      other,
    );
    const [bus] = booted.system.controlPlane.system.buses;
    const client = new EventBridgeClient({
      region,
      endpoint: booted.system.controlPlane.endpoints.events,
      credentials: credentialsOf(roleOf(other, "forwarder-east")),
    });
    const put = (Source: string) =>
      client.send(
        new PutEventsCommand({
          Entries: [{ EventBusName: bus?.arn, Source, DetailType: "Heartbeat", Detail: "{}" }],
        }),
      );
    await expect(put("espalier.west")).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(await put("espalier.east")).toMatchObject({ FailedEntryCount: 0 });
  });
});
