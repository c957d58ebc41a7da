import { expect, test } from "vitest";
import type { LatticeUnderTest, MakeLattice } from "./lattice.contract.ts";

type Wire = Readonly<Record<string, unknown>>;
type Made = { readonly id: string };

/** The name of the exception with which a call was refused; fails when it was not. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
  throw new Error("the call was not refused");
}

const forwardTo = (...groups: readonly string[]): Wire => ({
  forward: { targetGroups: groups.map((id) => ({ targetGroupIdentifier: id, weight: 1 })) },
});
const fixed: Wire = { fixedResponse: { statusCode: 404 } };

/** A service with a custom domain, and target groups of every protocol, all active. */
async function given(one: LatticeUnderTest) {
  const make = async (operation: string, input: Wire): Promise<string> =>
    ((await one.ask(operation, input)) as Made).id;
  const group = (name: string, config: Wire) =>
    make("CreateTargetGroup", {
      name,
      type: "IP",
      config: { vpcIdentifier: "vpc-0123456789abcdef0", ...config },
    });
  const service = await make("CreateService", {
    name: "every-protocol",
    customDomainName: "shop.example.com",
  });
  const groups = {
    http: await group("http", {}),
    https: await group("https", { protocol: "HTTPS" }),
    http2: await group("http2", { protocolVersion: "HTTP2" }),
    grpc: await group("grpc", { protocolVersion: "GRPC" }),
    tcp: await group("tcp", { protocol: "TCP" }),
  };
  one.pass(60_000);
  return {
    groups,
    service,
    /** Makes a listener and answers what names it in other calls. */
    async listen(protocol: string, defaultAction: Wire, on = service) {
      const name = protocol.toLowerCase().replace("_", "-");
      const input = { serviceIdentifier: on, name, protocol, port: 8443, defaultAction };
      return { serviceIdentifier: on, listenerIdentifier: await make("CreateListener", input) };
    },
    healthCheckOf: async (id: string): Promise<unknown> =>
      ((await one.ask("GetTargetGroup", { targetGroupIdentifier: id })) as Checked).config.healthCheck,
  };
}

type Checked = { readonly config: { readonly healthCheck: unknown } };

/** Which protocols of listeners and target groups go together, and how target groups are checked. */
export function protocolTests(name: string, make: MakeLattice): void {
  listenerTests(name, make);
  healthTests(name, make);
}

function listenerTests(name: string, make: MakeLattice): void {
  test(`${name}: a listener sends to groups of its kind only`, async () => {
    const { groups, listen } = await given(await make());
    const refused = [
      ["HTTP", groups.tcp],
      ["HTTP", groups.http2],
      ["HTTP", groups.grpc],
      ["HTTPS", groups.tcp],
      ["TLS_PASSTHROUGH", groups.http],
      ["TLS_PASSTHROUGH", groups.grpc],
    ] as const;
    for (const [protocol, group] of refused)
      expect(await refusal(listen(protocol, forwardTo(group))), `${protocol} to ${group}`).toBe(
        "ValidationException",
      );
    await listen("HTTPS", forwardTo(groups.http, groups.https, groups.http2, groups.grpc));
  });

  test(`${name}: rules and updates are held to the same`, async () => {
    const one = await make();
    const { groups, listen } = await given(one);
    const on = await listen("HTTP", forwardTo(groups.https));
    const rule = { ...on, name: "one", priority: 1, match: { httpMatch: { method: "POST" } } };
    const grpc = one.ask("CreateRule", { ...rule, action: forwardTo(groups.grpc) });
    expect(await refusal(grpc)).toBe("ValidationException");
    const made = (await one.ask("CreateRule", { ...rule, action: fixed })) as Made;
    const tcp = one.ask("UpdateRule", { ...on, ruleIdentifier: made.id, action: forwardTo(groups.tcp) });
    expect(await refusal(tcp)).toBe("ValidationException");
    const http2 = one.ask("UpdateListener", { ...on, defaultAction: forwardTo(groups.http2) });
    expect(await refusal(http2)).toBe("ValidationException");
  });

  test(`${name}: a TLS_PASSTHROUGH listener needs a custom domain, and forwards all to TCP groups`, async () => {
    const one = await make();
    const { groups, listen } = await given(one);
    const action = forwardTo(groups.tcp);
    const plain = (await one.ask("CreateService", { name: "no-domain" })) as Made;
    one.pass(60_000);
    expect(await refusal(listen("TLS_PASSTHROUGH", action, plain.id))).toBe("ValidationException");
    expect(await refusal(listen("TLS_PASSTHROUGH", fixed))).toBe("ValidationException");
    const on = await listen("TLS_PASSTHROUGH", action);
    const rule = { ...on, name: "one", priority: 1, match: { httpMatch: { method: "GET" } } };
    expect(await refusal(one.ask("CreateRule", { ...rule, action }))).toBe("ValidationException");
    const update = one.ask("UpdateListener", { ...on, defaultAction: fixed });
    expect(await refusal(update)).toBe("ValidationException");
  });
}

function healthTests(name: string, make: MakeLattice): void {
  test(`${name}: only HTTP/1.1 groups are checked unasked`, async () => {
    const { groups, healthCheckOf } = await given(await make());
    expect(await healthCheckOf(groups.http)).toEqual({
      enabled: true,
      protocol: "HTTP",
      protocolVersion: "HTTP1",
      path: "/",
      healthCheckIntervalSeconds: 30,
      healthCheckTimeoutSeconds: 5,
      healthyThresholdCount: 5,
      unhealthyThresholdCount: 2,
      matcher: { httpCode: "200" },
    });
    expect(await healthCheckOf(groups.https)).toMatchObject({ enabled: true, protocol: "HTTPS" });
    expect(await healthCheckOf(groups.http2)).toMatchObject({ enabled: false, protocolVersion: "HTTP2" });
    expect(await healthCheckOf(groups.grpc)).toMatchObject({ enabled: false, protocolVersion: "HTTP1" });
    expect(await healthCheckOf(groups.tcp)).toMatchObject({ enabled: false });
  });

  test(`${name}: the check of a TCP group says how it is made, or is refused; 0 asks for a default`, async () => {
    const one = await make();
    const { groups, healthCheckOf } = await given(one);
    const update = (healthCheck: Wire) =>
      one.ask("UpdateTargetGroup", { targetGroupIdentifier: groups.tcp, healthCheck });
    expect(await refusal(update({ enabled: true }))).toBe("ValidationException");
    expect(await refusal(update({ enabled: true, protocol: "HTTP" }))).toBe("ValidationException");
    const whole = { enabled: true, protocol: "HTTP", protocolVersion: "HTTP1" };
    await update({ ...whole, healthCheckIntervalSeconds: 7 });
    expect(await healthCheckOf(groups.tcp)).toMatchObject({ ...whole, healthCheckIntervalSeconds: 7 });
    await update({ healthCheckIntervalSeconds: 0 });
    expect(await healthCheckOf(groups.tcp)).toMatchObject({ ...whole, healthCheckIntervalSeconds: 30 });
  });
}
