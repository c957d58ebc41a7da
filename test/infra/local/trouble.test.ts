import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Template } from "../../../infra/aws/synth.ts";
import { fine } from "./manifests.ts";
import { boot, conditionOf, conditionsOf, eventually, kube, manifestFolder, type Booted } from "./booted.ts";

const route = { namespace: "shop", name: "fine" };
/** One cluster with one route and one backend: it is made for less than the example is. */
const one = (manifests = manifestFolder({ "fine.yaml": fine })): readonly string[] => {
  return ["--cluster", `east=${manifests}`, "--requests", "20"];
};

/** What somebody takes away, breaks or kills, and where it shows. */
describe("trouble on one machine", () => {
  let booted: Booted | undefined;
  const started = async (options: Parameters<typeof boot>[0]): Promise<Booted> => {
    booted = await boot(options);
    return booted;
  };
  afterEach(async () => {
    await booted?.stop();
    booted = undefined;
  });

  test("a role that lacks two actions makes a run that fails, and a condition that says which calls were denied", async () => {
    const denied = ["RegisterTargets", "CreateServiceNetworkServiceAssociation"];
    const run = await started({ args: one(), change: withoutActions(denied) });
    const programmed = async () => conditionOf((await kube(run).get("HTTPRoute", route)).body, "Programmed");
    await eventually(
      "the route names the calls of its service and its groups, with their requests",
      async () => {
        const message = (await programmed())?.message ?? "";
        return denied.every((call) =>
          new RegExp(`${call}: AccessDeniedException: [^;]*\\(AWS request [-0-9a-f]{36}\\)`).test(message),
        );
      },
    );
    expect(await programmed()).toMatchObject({ status: "False", observedGeneration: 1 });
    const document = await run.prove();
    expect(document.converged).toBe(false);
    expect(document.problems.join("\n")).toContain("AccessDenied");
    expect(
      (await run.lattice()).services.flatMap((service) =>
        service.listeners.flatMap((listener) => listener.rules),
      ),
    ).toEqual([]);
  }, 90_000);

  test("a forwarder that may not watch endpointslices says so in its heartbeat and on the class, and nothing is deleted", async () => {
    const run = await started({ args: one() });
    expect((await run.prove()).converged).toBe(true);
    const before = await run.lattice();
    const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/espalier-forwarder";
    const role = clusterRole.parse((await kube(run).call("GET", path)).body);
    const rules = role.rules.map((rule) => ({
      ...rule,
      resources: rule.resources.filter((resource) => resource !== "endpointslices"),
    }));
    expect(rules).not.toEqual(role.rules);
    await kube(run).call("PATCH", path, { rules }, "application/merge-patch+json");
    await kube(run).patch(
      "Deployment",
      { namespace: "espalier-system", name: "espalier-forwarder" },
      { spec: { template: { metadata: { annotations: { restarted: "again" } } } } },
    );
    const observed = async () =>
      conditionsOf((await kube(run).get("GatewayClass", { name: "amazon-vpc-lattice" })).body).find(
        (one) => one.type === "espalier.dev/ClusterObserved",
      );
    await eventually(
      "the class tells of the watch",
      async () => (await observed())?.reason === "WatchFailed",
      60_000,
    );
    expect(await observed()).toMatchObject({ status: "False" });
    expect((await observed())?.message).toContain("EndpointSlice");
    const heartbeat = run.events.findLast(
      (one) => one.source === "espalier.east" && one["detail-type"] === "Heartbeat",
    );
    expect(JSON.stringify(heartbeat?.detail)).toMatch(/"kind":"EndpointSlice","ok":false/);
    await eventually("all queues are empty", () => run.system.idle());
    expect(await run.lattice()).toEqual(before);
  }, 120_000);

  test("what is wrong in a folder of manifests is told with its place or object, and the rest goes on", async () => {
    const manifests = manifestFolder({
      "a-no-yaml.yaml": "kind: [this is\n  not: yaml\n",
      "b-invalid.yaml": [
        "apiVersion: gateway.networking.k8s.io/v1",
        "kind: HTTPRoute",
        "metadata: { name: broken, namespace: shop }",
        "spec:",
        "  parentRefs: [{ name: net }]",
        "  rules: [{ matches: [{ path: { type: Exact, value: no-slash } }] }]",
      ].join("\n"),
      "c-fine.yaml": fine,
      "d-no-network.yaml": gatewayWithoutNetwork,
      "e-refused.yaml": [
        "apiVersion: gateway.networking.k8s.io/v1",
        "kind: HTTPRoute",
        "metadata: { name: nowhere, namespace: shop }",
        "spec: { parentRefs: [{ name: net, sectionName: nowhere }] }",
      ].join("\n"),
    });
    const run = await started({ args: one(manifests) });
    const document = await run.prove();
    const problems = document.problems.join("\n");
    expect(problems).toContain("a-no-yaml.yaml");
    expect(problems).toContain('service network "gw" cannot be made');
    expect(problems).toMatch(/HTTPRoute shop\/broken.*must.*'\/'|HTTPRoute shop\/broken.*start with/s);
    expect(problems).toContain(
      "east HTTPRoute shop/nowhere at Gateway shop/net, listener nowhere: Accepted is False (NoMatchingParent): ",
    );
    expect(document.problems.filter((one) => one.includes("shop/gw"))).toEqual([
      expect.stringMatching(
        /^east Gateway shop\/gw: Programmed is False \(Invalid\): no service network can be /,
      ),
      "east HTTPRoute shop/one at Gateway shop/gw, HTTPRoute shop/two at Gateway shop/gw: Programmed is False (Invalid): Gateway shop/gw is not programmed: see its conditions",
    ]);
    expect(document.converged).toBe(true);
    expect(document.services.map((one) => one.route)).toEqual(["shop/fine"]);
    expect(document.traffic.map((one) => one.by)).toEqual([{ "shop/web": 20 }]);
  }, 90_000);

  test("a quota that is used up refuses whoever came second, and the run is at rest all the same", async () => {
    const manifests = manifestFolder({ "fine.yaml": fine, "more.yaml": alsoFine });
    const run = await started({
      args: [...one(manifests), "--quota", "target-groups-per-region=1"],
    });
    const { converged, problems, traffic, unproven } = await run.prove();
    expect(problems).toEqual([
      expect.stringMatching(
        /^east HTTPRoute shop\/(fine|more) at Gateway shop\/net: Programmed is False \(Invalid\): target group of Service shop\/(web|more): needs 1 target group more, quota 1, in use 1 /,
      ),
    ]);
    expect(converged).toBe(true);
    const answered = traffic.flatMap(({ by }) => Object.keys(by));
    expect(answered).toHaveLength(2);
    expect(answered).toEqual(expect.arrayContaining(["404", expect.stringMatching(/^shop\//)]));
    expect(unproven).toEqual([expect.stringContaining("Programmed is False (Invalid), and http://")]);
  }, 90_000);
});

/** A Gateway whose name no service network can have, with two listeners and two routes. */
const gatewayWithoutNetwork = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw, namespace: shop }
spec:
  gatewayClassName: amazon-vpc-lattice
  listeners: [{ name: http, protocol: HTTP, port: 80 }, { name: more, protocol: HTTP, port: 8080 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: one, namespace: shop }
spec: { parentRefs: [{ name: gw }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: two, namespace: shop }
spec: { parentRefs: [{ name: gw }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
`;

const alsoFine = `
apiVersion: v1
kind: Service
metadata: { name: more, namespace: shop }
spec: { selector: { app: more }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: more, namespace: shop }
spec:
  parentRefs: [{ name: net }]
  rules: [{ backendRefs: [{ name: more, port: 80 }] }]
`;

const clusterRole = z.looseObject({
  rules: z.array(z.looseObject({ resources: z.array(z.string()) })),
});

/** A template of which no policy allows some operations of Lattice any more. */
function withoutActions(operations: readonly string[]): (template: Template) => Template {
  return (template) => {
    let text = JSON.stringify(template);
    for (const action of operations.map((operation) => `vpc-lattice:${operation}`)) {
      if (!text.includes(`"${action}"`)) throw new Error(`no policy names ${action}`);
      text = text.replaceAll(`"${action}",`, "").replaceAll(`,"${action}"`, "");
    }
    return JSON.parse(text) as Template;
  };
}
