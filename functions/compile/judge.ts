import type { Route } from "../model/routes.ts";
import { problemOf, resolve, type Backend, type RefProblem, type Referrer } from "./backend.ts";
import { sharedPorts } from "./backendports.ts";
import { tooManyGroups } from "./action.ts";
import { doublesOf } from "./doubles.ts";
import type { OtherFamily } from "./family.ts";
import { askedPriorities, idlePriorities } from "./priorities.ts";
import { rulesOf } from "./routerules.ts";
import type { View } from "./view.ts";

/** What must be said of a route, wherever it is attached and whoever serves it. */
export interface Judgement {
  readonly refs: readonly RefProblem[];
  /** Grants that are missing and are not insisted on. */
  readonly grants: readonly string[];
  /** Services of which several ports are one target group. */
  readonly shared: readonly string[];
  /** Services whose endpoints cannot be registered. */
  readonly otherFamily: readonly OtherFamily[];
  /** What cannot be said in Lattice, by rule and field. */
  readonly dropped: readonly string[];
  /** What the rules ask for and is not looked at, by rule. */
  readonly ignored: readonly string[];
  /** Annotations that give no rule its number although they look like it. */
  readonly idle: readonly string[];
  /** Why nothing of the route can be served. */
  readonly unsupported?: string | undefined;
  /** What is wrong with an annotation: nothing new is made of the route, and what serves it stays as it is. */
  readonly mistake?: string | undefined;
  /** Why no rule does what it asks for, although some keep their places: whoever they take is answered 500. */
  readonly inVain?: string | undefined;
}

/** Judges what a route asks: of its backends, and of Lattice. */
export async function judge(view: View, referrer: Referrer): Promise<Judgement> {
  const { route, lenient } = referrer;
  const rules = rulesOf(route, lenient);
  const dropped: string[] = [];
  const backends: Backend[] = [];
  let said = 0;
  let good = 0;
  for (const rule of rules) {
    const its = await Promise.all(rule.backendRefs.map((ref) => resolve(view, referrer, ref, rule.text)));
    backends.push(...its);
    if (rule.beyond !== undefined)
      dropped.push(`${rule.text}: ${rule.beyond}; its requests are answered 500`);
    const many = tooManyGroups(its);
    if (many !== undefined) dropped.push(`${rule.text}, backendRefs: ${many}; its requests are answered 500`);
    const does = rule.beyond === undefined && many === undefined;
    for (const [index, { expressed }] of rule.matches.entries()) {
      if (expressed.ok) {
        said += 1;
        good += does ? 1 : 0;
      } else dropped.push(`${rule.text}, match ${index}, ${expressed.field}: ${expressed.why}`);
    }
  }
  if (!lenient) dropped.push(...doublesOf(route));
  const numbers = askedPriorities(route, lenient);
  const matched = rules.some((rule) => rule.matches.length > 0);
  const nothing = matched && said === 0;
  const unsupported = nothing ? dropped.join("; ") : passThroughProblem(route);
  return {
    refs: backends.flatMap((one) => problemOf(one) ?? []),
    grants: [...new Set(backends.flatMap((one) => one.grant ?? []))],
    shared: lenient ? sharedPorts(route) : [],
    otherFamily: onePerService(backends.flatMap((one) => one.otherFamily ?? [])),
    dropped,
    ignored: rules.flatMap(({ text, ignored }) => (ignored === undefined ? [] : [`${text}: ${ignored}`])),
    idle: idlePriorities(route, lenient),
    ...(matched && good === 0 ? { inVain: dropped.join("; ") } : {}),
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(typeof numbers === "string" ? { mistake: numbers } : {}),
  };
}

const onePerService = (all: readonly OtherFamily[]): readonly OtherFamily[] => [
  ...new Map(all.map((one) => [one.service, one])).values(),
];

/** Why a TLSRoute cannot be passed through: that needs one custom domain and one set of backends (vpc-lattice user guide, "TLS listeners"). */
function passThroughProblem(route: Route): string | undefined {
  if (route.kind !== "TLSRoute") return undefined;
  const { hostnames, rules } = route.spec;
  if (hostnames.length === 0)
    return "a TLSRoute must name a hostname: Lattice passes TLS through by the custom domain alone";
  return rules.length === 1
    ? undefined
    : `a TLSRoute has exactly 1 rule, not ${rules.length}: a connection that is passed through is not looked into`;
}
