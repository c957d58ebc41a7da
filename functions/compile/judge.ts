import type { ClusterName } from "../model/ids.ts";
import type { Route } from "../model/routes.ts";
import type { ClassName } from "../model/verdict.ts";
import { problemOf, resolve, type Backend, type RefProblem, type Referrer } from "./backend.ts";
import { sharedPorts } from "./backendports.ts";
import { tooManyGroups } from "./action.ts";
import { doublesOf } from "./doubles.ts";
import type { OtherFamily } from "./family.ts";
import { askedPriorities, idlePriorities } from "./priorities.ts";
import { rulesOf } from "./routerules.ts";
import type { Lack } from "./match.ts";
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
  /**
   * What is wrong with an annotation, or, by the in-cluster controller's rules, what cannot be said in Lattice: nothing new is made of
   * the route, and what serves it stays as it is.
   */
  readonly mistake?: string | undefined;
  /** Why no rule does what it asks for, although some keep their places: whoever they take is answered 500. */
  readonly inVain?: string | undefined;
}

/** What must be said of a route at parents of each class. */
export type Judgements = Readonly<Record<ClassName, Judgement>>;

/** Judges a route for parents of each class: what profile `incumbent` allows holds for the class of the in-cluster controller alone. */
export async function judgeEach(
  view: View,
  cluster: ClusterName,
  route: Route,
  incumbent: boolean,
): Promise<Judgements> {
  const espalier = await judge(view, { cluster, route, lenient: false });
  const lattice = incumbent ? await judge(view, { cluster, route, lenient: true }) : espalier;
  return { espalier, "amazon-vpc-lattice": lattice };
}

/** Judges what a route asks: of its backends, and of Lattice. */
export async function judge(view: View, referrer: Referrer): Promise<Judgement> {
  const { route, lenient } = referrer;
  const rules = rulesOf(route, lenient);
  const drops: Drop[] = [];
  const backends: Backend[] = [];
  let said = 0;
  let good = 0;
  for (const rule of rules) {
    const its = await Promise.all(rule.backendRefs.map((ref) => resolve(view, referrer, ref, rule.text)));
    backends.push(...its);
    const many = tooManyGroups(its);
    const beyond = [...rule.beyond, ...(many === undefined ? [] : [many])];
    const can = rule.matches.filter(({ expressed }) => expressed.ok).length;
    said += can;
    good += beyond.length === 0 ? can : 0;
    const fate = insteadOf(route, can > 0);
    drops.push(...beyond.map((lack) => ({ where: rule.text, lack, fate })));
    for (const [index, { expressed }] of rule.matches.entries())
      if (!expressed.ok)
        drops.push({ where: `${rule.text}, match ${index}`, lack: expressed, fate: leftOut });
  }
  const dropped = lenient ? [] : [...drops.map(dropText), ...doublesOf(route)];
  const numbers = askedPriorities(route, lenient);
  const matched = rules.some((rule) => rule.matches.length > 0);
  const through = passThroughProblem(route);
  const unsupported = matched && said === 0 ? nothingServed(drops) : through;
  const mistakes = [
    ...(typeof numbers === "string" ? [numbers] : []),
    ...(lenient ? [...drops.map(unfated), ...(through === undefined ? [] : [through])] : []),
  ];
  return {
    refs: backends.flatMap((one) => problemOf(one) ?? []),
    grants: [...new Set(backends.flatMap((one) => one.grant ?? []))],
    shared: lenient ? sharedPorts(route) : [],
    otherFamily: onePerService(backends.flatMap((one) => one.otherFamily ?? [])),
    dropped,
    ignored: rules.flatMap(({ text, ignored }) =>
      ignored.map(({ field, why }) => `${text}, ${field}: ${why}`),
    ),
    idle: idlePriorities(route, lenient),
    ...(matched && good === 0 && !lenient ? { inVain: dropped.join("; ") } : {}),
    ...(unsupported === undefined || lenient ? {} : { unsupported }),
    ...(mistakes.length === 0 ? {} : { mistake: mistakes.join("; ") }),
  };
}

/** A part of a route that is not served as it asks, and what becomes of its requests. */
interface Drop {
  readonly where: string;
  readonly lack: Lack;
  readonly fate?: string | undefined;
}

/** A match that cannot be said keeps no place: nothing in Lattice tells its requests from others. */
const leftOut = "it is left out: other rules or 404 answer its requests";

/** What the requests of a rule get that asks for more than Lattice does; `matched` says whether any come to it. */
function insteadOf({ kind }: Route, matched: boolean): string | undefined {
  if (kind === "TLSRoute") return "its connections are refused";
  return matched ? "its requests are answered 500" : undefined;
}

/** One problem in one sentence: where it is, what Lattice lacks, what happens, what to do. */
const dropText = ({ where, lack: { field, why, instead }, fate }: Drop): string =>
  `${where}, ${field}: ${why} (${fate === undefined ? "" : `${fate}; `}${instead})`;

/** The same where the route is refused as a whole. */
const unfated = ({ where, lack }: Drop): string => dropText({ where, lack });

const nothingServed = (drops: readonly Drop[]): string =>
  `nothing of the route is served: ${drops.map(unfated).join("; ")}`;

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
