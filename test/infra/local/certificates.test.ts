import { ACMClient, ImportCertificateCommand } from "@aws-sdk/client-acm";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetServiceCommand, VPCLatticeClient } from "@aws-sdk/client-vpc-lattice";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { region } from "../../../infra/local/place.ts";
import { selfSigned } from "../../support/certificates.ts";
import { fine } from "./manifests.ts";
import { boot, conditionOf, eventually, kube, latticeCalls, manifestFolder, type Booted } from "./booted.ts";

const route = { namespace: "shop", name: "fine" };
/** The Gateway with an HTTPS listener that leaves the certificate to ACM, and the route with a hostname. */
const secure = fine
  .replace(
    "listeners: [{ name: http, protocol: HTTP, port: 80 }]",
    "listeners: [{ name: https, protocol: HTTPS, port: 443, tls: { mode: Terminate, options: { certificate: acm } } }]",
  )
  .replace("parentRefs: [{ name: net }]", "parentRefs: [{ name: net }]\n  hostnames: [shop.example.com]");

describe("a certificate on one machine", () => {
  let booted: Booted;
  let acm: ACMClient;
  let lattice: VPCLatticeClient;
  beforeAll(async () => {
    const folder = manifestFolder({ "shop.yaml": secure });
    booted = await boot({ args: ["--cluster", `east=${folder}`] });
    const { system } = booted;
    const { endpoints } = system.controlPlane;
    const credentials = { ...system.administrator };
    acm = new ACMClient({ region, endpoint: endpoints.acm, credentials });
    lattice = new VPCLatticeClient({ region, endpoint: endpoints.lattice, credentials });
  }, 60_000);
  afterAll(async () => {
    acm.destroy();
    lattice.destroy();
    await booted.stop();
  });
  /** What the function of certificates asked ACM. Registering the cluster was the first time. */
  const asked = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(booted.system.calls.flat((caller) => caller === "espalier-certificates")).filter(
        ([call]) => call.startsWith("acm:"),
      ),
    );
  const programmed = async () => conditionOf((await kube(booted).get("HTTPRoute", route)).body, "Programmed");

  test("that is missing is named on the route, and once it is imported the route is programmed, without any other change", async () => {
    await eventually("the route names what is missing", async () =>
      ((await programmed())?.message ?? "").includes("certificate for shop.example.com"),
    );
    expect(await programmed()).toMatchObject({ status: "False", observedGeneration: 1 });
    expect((await booted.lattice()).services).toEqual([]);
    await eventually("all queues are empty", () => booted.system.idle());
    expect(asked()).toEqual({ "acm:ListCertificates": 1 });
    booted.system.calls.reset();
    const { CertificateArn } = await acm.send(
      new ImportCertificateCommand(await selfSigned(["*.example.com"])),
    );
    await eventually("the route is programmed", async () => (await programmed())?.status === "True");
    const [service] = (await booted.lattice()).services;
    expect(await lattice.send(new GetServiceCommand({ serviceIdentifier: service?.id }))).toMatchObject({
      customDomainName: "shop.example.com",
      certificateArn: CertificateArn,
    });
    expect(service?.listeners).toMatchObject([{ port: 443, protocol: "HTTPS" }]);
    expect(latticeCalls(booted)).toMatchObject({ CreateService: 1, CreateListener: 1 });
    expect(asked()).toEqual({ "acm:ListCertificates": 1 });
  }, 60_000);

  test("is told of by ACM alone: nobody else puts events in its name", async () => {
    const { system } = booted;
    const endpoint = system.controlPlane.endpoints.events;
    const events = new EventBridgeClient({ region, endpoint, credentials: { ...system.administrator } });
    const { Entries } = await events.send(
      new PutEventsCommand({
        Entries: [{ Source: "aws.acm", DetailType: "ACM Certificate Available", Detail: "{}" }],
      }),
    );
    expect(Entries).toMatchObject([{ ErrorCode: "NotAuthorizedForSourceException" }]);
    events.destroy();
  });

  test("can be imported with any SDK: where ACM is stands beside the other servers", () => {
    const { acm: url } = booted.system.controlPlane.endpoints;
    expect(readFileSync(join(booted.folder, "env"), "utf8")).toContain(`AWS_ENDPOINT_URL_ACM='${url}'`);
    expect(JSON.parse(readFileSync(join(booted.folder, "local.json"), "utf8"))).toMatchObject({ acm: url });
  });
});
