import { expect, test } from "vitest";
import type { Lattice } from "../../functions/apply/lattice.ts";
import type { Injected } from "../../infra/local/lattice/engine.ts";
import type { Settings } from "../../infra/local/lattice/settings.ts";
import { configTests, forward, type Given, lookup } from "./lattice.config.contract.ts";
import { protocolTests } from "./lattice.protocols.contract.ts";

/** Some VPC Lattice with one service network, whose time and failures are in the hands of the test. */
export interface LatticeUnderTest {
  readonly lattice: Lattice;
  readonly network: { readonly id: string; readonly arn: string };
  /** Any call in Lattice's own words. What it throws has the name of Lattice's exception. */
  ask(operation: string, input: unknown): Promise<unknown>;
  pass(ms: number): void;
  fault(next: Injected): void;
}

export type MakeLattice = (settings?: Partial<Settings>) => Promise<LatticeUnderTest>;

const day = 24 * 3_600_000;
const config = {
  port: 8080,
  protocol: "HTTP",
  version: "HTTP1",
  family: "IPV4",
  vpc: "vpc-0123456789abcdef0",
} as const;

/** What we rely on of VPC Lattice, through our port to it. */
export function latticeContract(name: string, make: MakeLattice): void {
  const given = async (settings?: Partial<Settings>): Promise<Given> => {
    const one = await make(settings);
    const service = await one.lattice.createService({ name: "shop", tags: {}, token: "given-service" });
    const group = await one.lattice.createTargetGroup({
      name: "cart",
      config,
      tags: {},
      token: "given-group",
    });
    one.pass(day);
    return { ...one, service, group };
  };
  lifecycleTests(name, given);
  targetTests(name, given);
  configTests(name, given);
  protocolTests(name, make);
  failureTests(name, given);
}

type Make = (settings?: Partial<Settings>) => Promise<Given>;

function lifecycleTests(name: string, make: Make): void {
  test(`${name}: networks are listed with their ids and ARNs`, async () => {
    const { lattice, network } = await make();
    expect(await lattice.listServiceNetworks()).toEqual([{ ...network, name: "prod" }]);
  });

  test(`${name}: a service is created, is active later, is changed, and is gone some time after its deletion`, async () => {
    const { lattice, pass } = await make();
    const made = await lattice.createService({
      name: "pay",
      customDomainName: "pay.example.com",
      certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/1",
      tags: { team: "pay" },
      token: "t1",
    });
    expect(made).toMatchObject({ name: "pay", lifecycle: "creating", customDomainName: "pay.example.com" });
    expect(made.dnsName).toMatch(/^pay-[0-9a-f]{17}\.7d67968\.vpc-lattice-svcs\.eu-west-1\.on\.aws$/);
    expect(made.arn).toBe(`arn:aws:vpc-lattice:eu-west-1:123456789012:service/${made.id}`);
    expect(await lookup(lattice.deleteService(made.id))).toBe("ConflictException");
    pass(day);
    expect(await lattice.getService(made.arn, "poll")).toEqual({ ...made, lifecycle: "active" });
    await lattice.updateService(made.id, "arn:aws:acm:eu-west-1:123456789012:certificate/2");
    expect((await lattice.getService(made.id, "read")).certificateArn).toMatch(/2$/);
    expect(await lattice.findServices("pay")).toEqual([{ id: made.id, arn: made.arn }]);
    expect(await lattice.listTags(made.arn)).toEqual({ team: "pay" });
    await lattice.deleteService(made.id);
    await lattice.deleteService(made.id);
    expect((await lattice.getService(made.id, "poll")).lifecycle).toBe("deleting");
    pass(day);
    expect(await lookup(lattice.getService(made.id, "poll"))).toBe("ResourceNotFoundException");
    expect(await lookup(lattice.deleteService(made.id))).toBe("ResourceNotFoundException");
    expect(await lattice.findServices("pay")).toEqual([]);
  });

  test(`${name}: a service that fails to be created says why`, async () => {
    const { lattice, pass, fault } = await make();
    fault({ operation: "CreateService", kind: "create-failed" });
    const made = await lattice.createService({ name: "pay", tags: {}, token: "t1" });
    pass(day);
    const seen = await lattice.getService(made.id, "poll");
    expect(seen.lifecycle).toBe("create-failed");
    expect(seen.failure).toMatch(/.+: .+/);
  });

  test(`${name}: an association is created and deleted over a time, and holds its service`, async () => {
    const { lattice, pass, network, service } = await make();
    const input = { service: service.id, networkArn: network.arn, tags: { a: "b" }, token: "t1" };
    const made = await lattice.createAssociation(input);
    expect(made).toEqual({ id: made.id, network: network.id, lifecycle: "creating" });
    expect(await lookup(lattice.deleteAssociation(made.id))).toBe("ConflictException");
    pass(day);
    const active = { ...made, lifecycle: "active" };
    expect(await lattice.getAssociation(made.id, "poll")).toEqual(active);
    expect(await lattice.listAssociations(service.id)).toEqual([active]);
    expect(await lookup(lattice.createAssociation({ ...input, token: "t2" }))).toBe("ConflictException");
    expect(await lookup(lattice.deleteService(service.id))).toBe("ConflictException");
    expect(await lattice.deleteAssociation(made.id)).toBe("deleting");
    expect(await lookup(lattice.deleteService(service.id))).toBe("ConflictException");
    expect(await lookup(lattice.createAssociation({ ...input, token: "t3" }))).toBe("ConflictException");
    pass(day);
    expect(await lattice.listAssociations(service.id)).toEqual([]);
    expect(await lookup(lattice.getAssociation(made.id, "poll"))).toBe("ResourceNotFoundException");
    await lattice.deleteService(service.id);
  });

  test(`${name}: a service that is being created is not associated, and the refusal says that it is in progress`, async () => {
    const { lattice, network } = await make();
    const made = await lattice.createService({ name: "pay", tags: {}, token: "t1" });
    await expect(
      lattice.createAssociation({ service: made.id, networkArn: network.arn, tags: {}, token: "t2" }),
    ).rejects.toMatchObject({
      code: "ConflictException",
      message: expect.stringContaining("CREATE_IN_PROGRESS"),
    });
  });
}

function targetTests(name: string, make: Make): void {
  test(`${name}: a target group is created, found and deleted`, async () => {
    const { lattice, pass } = await make();
    const made = await lattice.createTargetGroup({ name: "pay", config, tags: { x: "y" }, token: "t1" });
    expect(made).toMatchObject({ name: "pay", lifecycle: "creating", config });
    expect(await lookup(lattice.registerTargets(made.id, [{ id: "10.0.0.1", port: 1 }]))).toBe(
      "ConflictException",
    );
    expect(await lookup(lattice.deleteTargetGroup(made.id))).toBe("ConflictException");
    pass(day);
    expect(await lattice.getTargetGroup(made.arn, "poll")).toEqual({ ...made, lifecycle: "active" });
    const { version: _version, ...flat } = config;
    const listed = { id: made.id, arn: made.arn, name: "pay", active: true, used: false, ...flat };
    expect(await lattice.listTargetGroups()).toContainEqual(listed);
    expect(await lattice.listTags(made.arn)).toEqual({ x: "y" });
    await lattice.tag(made.arn, { more: "z" });
    expect(await lattice.listTags(made.arn)).toEqual({ x: "y", more: "z" });
    expect(await lattice.deleteTargetGroup(made.id)).toBe("deleting");
    pass(day);
    expect(await lookup(lattice.getTargetGroup(made.id, "poll"))).toBe("ResourceNotFoundException");
  });

  test(`${name}: targets are registered, listed over pages, and taken away`, async () => {
    const { lattice, group } = await make();
    const targets = Array.from({ length: 230 }, (_, index) => ({ id: `10.0.1.${index}`, port: 8080 }));
    for (let start = 0; start < targets.length; start += 100)
      expect(await lattice.registerTargets(group.id, targets.slice(start, start + 100))).toEqual({
        failed: [],
      });
    const seen = await lattice.listTargets(group.id);
    expect(seen.map(({ id, port }) => ({ id, port }))).toEqual(targets);
    expect(new Set(seen.map((one) => one.status))).toEqual(new Set(["UNUSED"]));
    expect(await lattice.deregisterTargets(group.id, targets.slice(0, 100))).toEqual({ failed: [] });
    expect(await lattice.listTargets(group.id)).toHaveLength(130);
    expect(await lookup(lattice.registerTargets(group.id, targets))).toBe("ValidationException");
  });

  test(`${name}: of some targets the bad ones are named, and the others are registered`, async () => {
    const { lattice, group } = await make();
    const good = { id: "10.0.0.1", port: 8080 };
    const bad = { id: "127.0.0.1", port: 8080 };
    const { failed } = await lattice.registerTargets(group.id, [good, bad]);
    expect(failed).toMatchObject([
      { entry: "127.0.0.1:8080", code: expect.any(String), message: expect.any(String) },
    ]);
    expect(await lattice.listTargets(group.id)).toEqual([{ ...good, status: "UNUSED" }]);
    const left = await lattice.deregisterTargets(group.id, [good, { id: "10.0.0.2", port: 8080 }]);
    expect(left.failed.map((one) => one.entry)).toEqual(["10.0.0.2:8080"]);
    expect(await lattice.listTargets(group.id)).toEqual([]);
  });

  test(`${name}: a group in use drains its targets and is not deleted meanwhile`, async () => {
    const { lattice, pass, service, group } = await make();
    const target = { id: "10.0.0.1", port: 8080 };
    const made = await lattice.createListener({
      service: service.id,
      name: "http",
      port: 80,
      protocol: "HTTP",
      defaultAction: forward(group.id),
      tags: {},
      token: "t1",
    });
    await lattice.registerTargets(group.id, [target]);
    expect(await lattice.listTargets(group.id)).toEqual([{ ...target, status: "INITIAL" }]);
    await lattice.deregisterTargets(group.id, [target]);
    expect(await lattice.listTargets(group.id)).toEqual([{ ...target, status: "DRAINING" }]);
    expect(await lookup(lattice.deleteTargetGroup(group.id))).toBe("ConflictException");
    await lattice.deleteListener(service.id, made.id);
    expect(await lookup(lattice.deleteTargetGroup(group.id))).toBe("ConflictException");
    pass(day);
    expect(await lattice.listTargets(group.id)).toEqual([]);
    expect(await lattice.deleteTargetGroup(group.id)).toBe("deleting");
  });
}

function failureTests(name: string, make: Make): void {
  test(`${name}: a client token repeats its first answer, also after the deletion, and refuses other parameters`, async () => {
    const { lattice, pass } = await make();
    const input = { name: "pay", tags: { a: "1" }, token: "t1" };
    const made = await lattice.createService(input);
    expect((await lattice.createService(input)).id).toBe(made.id);
    expect(await lookup(lattice.createService({ ...input, token: "t2" }))).toBe("ConflictException");
    expect(await lookup(lattice.createService({ ...input, tags: { a: "2" } }))).toBe("ConflictException");
    pass(60_000);
    await lattice.deleteService(made.id);
    pass(60_000);
    expect((await lattice.createService(input)).id).toBe(made.id);
    expect(await lookup(lattice.getService(made.id, "poll"))).toBe("ResourceNotFoundException");
    expect((await lattice.createService({ ...input, token: "t3" })).id).not.toBe(made.id);
  });

  test(`${name}: a quota refuses one too many, with its message`, async () => {
    const { lattice, pass, service } = await make({
      quotas: quotas({ "rules-per-listener": 1, "services-per-region": 2 }),
    });
    const fixed = { do: "fixed", status: 404 } as const;
    const on = { service: service.id, tags: {}, protocol: "HTTP", defaultAction: fixed } as const;
    const http = await lattice.createListener({ ...on, name: "http", port: 80, token: "t1" });
    await lattice.createListener({ ...on, name: "more", port: 81, token: "t2" });
    await expect(
      lattice.createListener({ ...on, name: "most", port: 82, token: "t3" }),
    ).rejects.toMatchObject({
      code: "ServiceQuotaExceededException",
      message: expect.stringContaining("listeners per service is 2"),
    });
    const rule = { service: service.id, listener: http.id, action: fixed, tags: {} };
    const path = (value: string) =>
      ({ path: { kind: "exact", value, caseSensitive: true }, headers: [] }) as const;
    await lattice.createRule({ ...rule, name: "one", match: path("/1"), priority: 1, token: "t4" });
    expect(
      await lookup(lattice.createRule({ ...rule, name: "two", match: path("/2"), priority: 2, token: "t5" })),
    ).toBe("ServiceQuotaExceededException");
    await lattice.createService({ name: "two", tags: {}, token: "t6" });
    expect(await lookup(lattice.createService({ name: "three", tags: {}, token: "t7" }))).toBe(
      "ServiceQuotaExceededException",
    );
    pass(1);
  });

  test(`${name}: too many calls are throttled with the time to wait, and let in again later`, async () => {
    const { lattice, pass } = await make({ reads: { perSecond: 1, burst: 3 } });
    const calls = await Promise.allSettled(Array.from({ length: 8 }, () => lattice.listServiceNetworks()));
    const refused = calls.filter((one) => one.status === "rejected").map((one): unknown => one.reason);
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({ code: "ThrottlingException", retryAfterSeconds: 1 });
    pass(1_000);
    await lattice.listServiceNetworks();
  });

  test(`${name}: failures that are asked for happen, and a lost answer leaves nobody knowing`, async () => {
    const { lattice, fault } = await make();
    fault({ kind: "internal" });
    expect(await lookup(lattice.listServiceNetworks())).toBe("InternalServerException");
    fault({ operation: "CreateService", kind: "lost-response" });
    const input = { name: "pay", tags: {}, token: "t1" };
    expect(await lookup(lattice.createService(input))).toBe("Unknown");
    const [there] = await lattice.findServices("pay");
    expect((await lattice.createService(input)).id).toBe(there?.id);
  });

  test(`${name}: what the API model forbids is refused before anything happens`, async () => {
    const { lattice, service, group, network } = await make();
    const refusals = [
      lattice.createService({ name: "Bad_Name", tags: {}, token: "t1" }),
      lattice.createService({ name: "svc-pay", tags: {}, token: "t1" }),
      lattice.createTargetGroup({ name: "x", config, tags: {}, token: "t1" }),
      lattice.registerTargets(group.id, []),
      lattice.getService("svc-1", "read"),
      lattice.createAssociation({ service: service.id, networkArn: network.arn, tags: {}, token: "" }),
    ];
    expect(await Promise.all(refusals.map(lookup))).toEqual(refusals.map(() => "ValidationException"));
    expect(await lattice.findServices("svc-pay")).toEqual([]);
  });
}

const quotas = (some: Partial<Settings["quotas"]>): Settings["quotas"] => ({
  "networks-per-region": 50,
  "services-per-region": 2000,
  "services-per-network": 500,
  "target-groups-per-region": 500,
  "target-groups-per-service": 10,
  "targets-per-target-group": 1000,
  "listeners-per-service": 2,
  "rules-per-listener": 10,
  ...some,
});
