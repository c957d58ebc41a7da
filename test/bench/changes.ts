import { saidIn } from "../../infra/local/proof/settled.ts";
import type { ServiceRoot } from "../../functions/model/roots.ts";
import { forwarderRestart, kube, latticeCalls, priceOf, type Booted } from "../infra/local/booted.ts";
import { podsPerBackend, rulesOfFirst, type Change, type Size } from "./budgets.ts";
import { visit } from "./drift.sqs.ts";
import { backendName, gateway, match, namespace, route, weights } from "./manifests.ts";
import type { Measured } from "./verdict.ts";

/** Longer than anything takes on a machine that others use too. */
const withinMs = 120_000;

/** One change, what tells that it is through, and how it is measured. */
interface Step {
  readonly change: Change;
  readonly size: Size;
  readonly make: () => Promise<unknown>;
  /** That it has had its effect: what has none costs nothing, and would look cheap. */
  readonly done: () => Promise<boolean> | boolean;
}

/**
 * Makes a change, and answers what it has cost until nobody will look at it again, so that no late look is counted with the
 * next change. Throws when it never has its effect.
 */
export async function measure(booted: Booted, { change, size, make, done }: Step): Promise<Measured> {
  const over = async (): Promise<boolean> => (await done()) && booted.system.idle("delayed");
  return { change, size, calls: await priceOf(booted, make, over, withinMs) };
}

/** The first Gateways of so many service networks. */
export function gateways(booted: Booted, networks: number): Step {
  return {
    change: "a Gateway, first sight of its network",
    size: { rules: 0, listeners: 0, backends: 0, networks },
    async make() {
      for (let index = 0; index < networks; index += 1)
        await kube(booted).create("Gateway", namespace, gateway(index));
    },
    done: () => isSaid(booted, "Gateway", networks),
  };
}

/** A route of this size from its create to its end, one change after the other. */
export function lifeOf(booted: Booted, name: string, size: Size): readonly Step[] {
  const step = (change: Change, make: Step["make"], done: Step["done"]): Step => ({
    change,
    size,
    make,
    done,
  });
  const object = { namespace, name };
  const edit = (op: string, path: string, value: unknown) => () =>
    kube(booted).patch("HTTPRoute", object, [{ op, path, value }]);
  const shows = async (more: Parameters<typeof serves>[2]): Promise<boolean> =>
    (await isSaid(booted, "HTTPRoute", 1)) && serves(booted, size, more);
  return [
    step(
      "first create of a route",
      () => kube(booted).create("HTTPRoute", namespace, route(name, size)),
      () => shows({}),
    ),
    ...visits(booted, name, step),
    idling(booted, object, step),
    ...scaling(booted, step),
    // A rule with one backend sends everything there, whatever its weight.
    ...(size.backends === 1
      ? []
      : [
          step("a weight", edit("replace", "/spec/rules/0/backendRefs/0/weight", weights.changed), () =>
            shows({ changed: rulesOfFirst(size) }),
          ),
        ]),
    step("a match added", edit("add", "/spec/rules/0/matches/-", match("/added")), () => shows({ added: 1 })),
    step(
      "a route deleted",
      () => kube(booted).remove("HTTPRoute", object),
      async () => called(booted, "DeleteTargetGroup") >= size.backends && isEmpty(await booted.lattice()),
    ),
  ];
}

type MakeStep = (change: Change, make: Step["make"], done: Step["done"]) => Step;

function visits(booted: Booted, name: string, step: MakeStep): readonly Step[] {
  const service: ServiceRoot = {
    kind: "service",
    cluster: booted.east.name,
    of: "HTTPRoute",
    namespace,
    name,
    hostname: "",
  };
  const ofService = (change: Change): Step =>
    step(
      change,
      () => visit(booted, service),
      () => called(booted, "GetService") > 0,
    );
  const group = {
    kind: "target-group",
    service,
    backend: { namespace, name: backendName(0) },
    port: 80,
    protocol: "HTTP",
    version: "HTTP1",
    family: "IPV4",
  } as const;
  return [
    ofService("visit of a service, all of it new"),
    ofService("visit of a service, nothing new"),
    step(
      "visit of a target group",
      () => visit(booted, group),
      () => called(booted, "GetTargetGroup") > 0,
    ),
  ];
}

/** What changes nothing for Lattice: an annotation of somebody else, and everything told once more. */
function idling(
  booted: Booted,
  object: { readonly namespace: string; readonly name: string },
  step: MakeStep,
): Step {
  const restart = forwarderRestart(booted);
  const metadata = { annotations: { "example.com/note": "nobody's business" } };
  return step(
    "nothing: an annotation, a restart",
    async () => {
      await kube(booted).patch("HTTPRoute", object, { metadata });
      await restart.change();
    },
    restart.done,
  );
}

function scaling(booted: Booted, step: MakeStep): readonly Step[] {
  const scale = (replicas: number) => () =>
    kube(booted).patch("Deployment", { namespace, name: backendName(0) }, { spec: { replicas } });
  const hasTargets = async (operation: string, count: number): Promise<boolean> =>
    called(booted, operation) > 0 && (await targetsOfFirst(booted)) === count;
  return [
    step("a pod added", scale(podsPerBackend + 1), () => hasTargets("RegisterTargets", podsPerBackend + 1)),
    step("a pod removed", scale(podsPerBackend), () => hasTargets("DeregisterTargets", podsPerBackend)),
  ];
}

const called = (booted: Booted, operation: string): number => latticeCalls(booted)[operation] ?? 0;

type Seen = Awaited<ReturnType<Booted["lattice"]>>;

const isEmpty = ({ services, targetGroups }: Seen): boolean =>
  services.length === 0 && targetGroups.length === 0;

const targetsOfFirst = async (booted: Booted): Promise<number | undefined> =>
  liveTargets(
    (await booted.lattice()).targetGroups.find((one) => one.service === `${namespace}/${backendName(0)}`),
  );

const liveTargets = (group: Seen["targetGroups"][number] | undefined): number | undefined =>
  group?.targets.filter((one) => one.status !== "DRAINING").length;

/** Whether all is said of so many objects of a kind, for what is written in them now, and nothing of it is bad. */
async function isSaid(booted: Booted, kind: string, count: number): Promise<boolean> {
  const said = (await saidIn(booted.east)).filter((one) => one.kind === kind);
  const bad = said.flatMap((one) => [...one.refused, ...(one.failed === undefined ? [] : [one.failed])]);
  if (bad.length > 0)
    throw new Error(`${kind}: ${bad.map(({ what, message }) => `${what}: ${message}`).join("; ")}`);
  return said.length === count && said.every((one) => one.waiting === undefined);
}

/** Whether Lattice holds a service of this size with its groups, with so many rules added or changed on each listener. */
async function serves(
  booted: Booted,
  size: Size,
  { added = 0, changed }: { readonly added?: number; readonly changed?: number },
): Promise<boolean> {
  const { services, targetGroups } = await booted.lattice();
  const [service] = services;
  const weighed = (rule: { readonly action: unknown }): boolean =>
    JSON.stringify(rule.action).includes(`"weight":${weights.changed}}`);
  return (
    service?.networks.length === size.networks &&
    service.listeners.length === size.listeners &&
    service.listeners.every(
      ({ rules }) =>
        rules.length === size.rules + added &&
        (changed === undefined || rules.filter(weighed).length === changed),
    ) &&
    targetGroups.length === size.backends &&
    targetGroups.every((group) => liveTargets(group) === podsPerBackend)
  );
}
