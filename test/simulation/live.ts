import { controllers, type ClassName } from "../../functions/model/verdict.ts";
import { applyBackends, applyPods, busy, idle } from "./backends.ts";
import { certificate } from "./certificate.ts";
import type { SimCluster } from "./cluster.ts";
import type { Prng } from "./prng.ts";

/** A live set of routes of every kind on two Gateways, and what people do to it: one small change at a time. */

/** The hostnames that routes have. */
export const hostnames = ["a.example.com", "b.example.com", "c.example.com"] as const;

/** The names of a class's Gateways, which are those of their networks. */
export const gatewayNames = {
  "amazon-vpc-lattice": ["prod", "inner"],
  espalier: ["edge", "side"],
} as const satisfies Readonly<Record<ClassName, readonly string[]>>;

/** Its listeners: what each speaks, and where. */
export const ports = { HTTP: 80, HTTPS: 443, TLS: 8443 } as const;

/** So many rules a listener may have at most: full ones happen, and none is asked for more than it can have. */
export const rulesPerListener = 16;

const sections = { HTTP: "http", HTTPS: "https", TLS: "tls" } as const;

type Kind = "HTTPRoute" | "GRPCRoute" | "TLSRoute";

interface Backend {
  readonly name: string;
  readonly port: number;
  readonly weight: number;
}

interface Rule {
  readonly matches: readonly Match[];
  readonly backendRefs: readonly Backend[];
}

interface Match {
  readonly path?: { readonly type: "Exact" | "PathPrefix"; readonly value: string };
  readonly method?: string | { readonly service: string; readonly method?: string };
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

interface Spec {
  readonly gateways: readonly string[];
  /** The listener that it is attached to; "": every one that takes it. */
  readonly section: string;
  readonly hostnames: readonly string[];
  readonly rules: readonly Rule[];
}

const routes: readonly { readonly kind: Kind; readonly name: string }[] = [
  { kind: "HTTPRoute", name: "one" },
  { kind: "HTTPRoute", name: "two" },
  { kind: "HTTPRoute", name: "three" },
  { kind: "GRPCRoute", name: "calls" },
  { kind: "GRPCRoute", name: "more" },
  { kind: "TLSRoute", name: "through" },
  { kind: "TLSRoute", name: "past" },
];

/** The routes of a history. */
export interface LiveRoutes {
  /** Does one thing to one of them; answers what, in words. */
  edit(): string;
}

/** Two Gateways of the class, Services, and some routes to begin with. */
export function liveRoutes(cluster: SimCluster, its: ClassName, random: Prng): LiveRoutes {
  furnish(cluster, its);
  const there = new Map<string, Spec>();
  const put = (kind: Kind, name: string, spec: Spec): void => {
    there.set(name, spec);
    cluster.apply({
      kind,
      namespace: "shop",
      name,
      body: {
        spec: {
          parentRefs: spec.gateways.map((gateway) => ({
            name: gateway,
            ...(spec.section === "" ? {} : { sectionName: spec.section }),
          })),
          hostnames: spec.hostnames,
          rules: spec.rules,
        },
      },
    });
  };
  const fits = (name: string, spec: Spec): boolean => {
    const others = [...there].filter(([one]) => one !== name).map(([, one]) => one);
    return (
      hostnames.every((one) => sizeAt(one, [...others, spec]) <= rulesPerListener) &&
      (its === "espalier" || others.every((one) => mayMerge(spec, one, there.get(name))))
    );
  };
  /** Draws until it fits on the listeners beside the others. */
  const drawn = (name: string, draw: () => Spec): Spec => {
    for (let spec = draw(); ; spec = draw()) if (fits(name, spec)) return spec;
  };
  for (const { kind, name } of routes.filter(({ name: one }) =>
    ["one", "two", "calls", "through"].includes(one),
  ))
    put(
      kind,
      name,
      drawn(name, () => newSpec(kind, its, random)),
    );
  let pods = 0;
  return {
    edit() {
      if (random.chance(0.12)) {
        pods = 2 - pods;
        applyPods(cluster, "shop", idle, pods);
        return `Service ${idle} has ${pods} pods`;
      }
      const { kind, name } = random.pick(routes);
      const before = there.get(name);
      if (before !== undefined && random.chance(0.12)) {
        there.delete(name);
        cluster.remove(kind, "shop", name);
        return `${kind} ${name} is deleted`;
      }
      const after = drawn(name, () =>
        before === undefined || random.chance(0.3)
          ? newSpec(kind, its, random)
          : random.pick(changes)(before, newSpec(kind, its, random), random),
      );
      put(kind, name, after);
      return `${kind} ${name} becomes ${JSON.stringify(after)}`;
    },
  };
}

/** What a person changes at a time; a fresh spec says to what. */
const changes: readonly ((spec: Spec, fresh: Spec, random: Prng) => Spec)[] = [
  // Weights.
  (spec, _fresh, random) =>
    withRule(spec, random, (rule) => ({
      ...rule,
      backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: random.pick([0, 1, 10, 90]) })),
    })),
  // Matches.
  (spec, fresh, random) =>
    withRule(spec, random, (rule) => ({ ...rule, matches: random.pick(fresh.rules).matches })),
  // Backends.
  (spec, fresh, random) =>
    withRule(spec, random, (rule) => ({ ...rule, backendRefs: random.pick(fresh.rules).backendRefs })),
  // The order, and a rule more or less.
  (spec) => ({ ...spec, rules: spec.rules.toReversed() }),
  (spec, fresh) => ({
    ...spec,
    rules:
      spec.rules.length > 2 || spec.section === sections.TLS
        ? spec.rules.slice(-1)
        : [...fresh.rules.slice(0, 1), ...spec.rules],
  }),
  (spec, fresh) => ({ ...spec, hostnames: fresh.hostnames }),
  // Parents: other listeners, or other Gateways.
  (spec, fresh) => ({ ...spec, section: fresh.section }),
  (spec, fresh) => ({ ...spec, gateways: fresh.gateways }),
];

/**
 * Routes of one hostname are one service in class amazon-vpc-lattice. One that comes later and is attached to one of its Gateways alone
 * is refused, so none is; whoever was attached to all may leave one.
 */
const mayMerge = (one: Spec, other: Spec, before: Spec | undefined): boolean =>
  one.hostnames[0] !== other.hostnames[0] ||
  one.gateways.length >= other.gateways.length ||
  (before?.hostnames[0] === one.hostnames[0] && before?.gateways.length === other.gateways.length);

function withRule(spec: Spec, random: Prng, change: (rule: Rule) => Rule): Spec {
  const at = random.below(spec.rules.length);
  return { ...spec, rules: spec.rules.map((rule, index) => (index === at ? change(rule) : rule)) };
}

/** How many Lattice rules the routes of a hostname may need at the most on one listener. */
function sizeAt(hostname: string, specs: readonly Spec[]): number {
  const its = specs.filter((one) => one.hostnames.length === 0 || one.hostnames.includes(hostname));
  return its
    .flatMap(({ rules }) => rules.flatMap(({ matches }) => matches))
    .reduce((sum, { path }) => sum + (path?.type === "PathPrefix" && path.value !== "/" ? 2 : 1), 0);
}

function newSpec(kind: Kind, its: ClassName, random: Prng): Spec {
  const [a, b] = hostnames;
  const none = kind !== "TLSRoute" && random.chance(0.3);
  const [one, other] = gatewayNames[its];
  return {
    gateways: random.pick([[one], [one], [other], [one, other]]),
    section: sectionOf(kind, random),
    // In class amazon-vpc-lattice a route has one hostname.
    hostnames: its === "espalier" ? (none ? [] : random.pick([[a], [b], [a, b]])) : [random.pick(hostnames)],
    rules: Array.from({ length: kind === "TLSRoute" ? 1 : 1 + random.below(3) }, () => ruleOf(kind, random)),
  };
}

function sectionOf(kind: Kind, random: Prng): string {
  switch (kind) {
    case "HTTPRoute":
      return random.pick(["", sections.HTTP, sections.HTTPS]);
    case "GRPCRoute":
      return random.pick(["", sections.HTTPS]);
    case "TLSRoute":
      return sections.TLS;
  }
}

function ruleOf(kind: Kind, random: Prng): Rule {
  const backendRefs = Array.from({ length: 1 + random.below(2) }, () => ({
    name: random.chance(0.1) ? idle : random.pick(busy),
    port: 80,
    weight: random.pick([1, 10, 90]),
  }));
  switch (kind) {
    case "HTTPRoute":
      return { matches: Array.from({ length: 1 + random.below(2) }, () => httpMatch(random)), backendRefs };
    case "GRPCRoute":
      return { matches: [grpcMatch(random)], backendRefs };
    case "TLSRoute":
      return { matches: [], backendRefs };
  }
}

const headersOf = (random: Prng): Pick<Match, "headers"> =>
  random.chance(0.2) ? { headers: [{ name: "version", value: "one" }] } : {};

const httpMatch = (random: Prng): Match => ({
  path: { type: random.pick(["PathPrefix", "Exact"]), value: random.pick(["/", "/", "/a", "/a/b", "/c"]) },
  ...(random.chance(0.2) ? { method: "GET" } : {}),
  ...headersOf(random),
});

const grpcMatch = (random: Prng): Match => ({
  ...(random.chance(0.2)
    ? {}
    : {
        method: {
          service: random.pick(["shop.Cart", "shop.Pay"]),
          ...(random.chance(0.5) ? { method: "Add" } : {}),
        },
      }),
  ...headersOf(random),
});

function furnish(cluster: SimCluster, its: ClassName): void {
  cluster.apply({ kind: "GatewayClass", name: its, body: { spec: { controllerName: controllers[its] } } });
  cluster.apply({ kind: "Namespace", name: "shop", body: {} });
  for (const name of gatewayNames[its])
    cluster.apply({
      kind: "Gateway",
      namespace: "shop",
      name,
      body: {
        spec: {
          gatewayClassName: its,
          listeners: [
            { name: sections.HTTP, port: ports.HTTP, protocol: "HTTP" },
            { name: sections.HTTPS, port: ports.HTTPS, protocol: "HTTPS", tls: certificate },
            { name: sections.TLS, port: ports.TLS, protocol: "TLS", tls: { mode: "Passthrough" } },
          ],
        },
      },
    });
  applyBackends(cluster, "shop");
}
