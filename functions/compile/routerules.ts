import type { BackendRef, GRPCRoute, HTTPRoute, Route } from "../model/routes.ts";
import { expressGrpcMatch, grpcPrecedence } from "./grpcmatch.ts";
import { expressMatch, httpPrecedence, type Expressed, type Lack, type Precedence } from "./match.ts";

/** A rule of a route, whatever its kind. */
export interface RouteRule {
  readonly index: number;
  /** In the user's words, such as `rule 0 (checkout)`. */
  readonly text: string;
  readonly backendRefs: readonly BackendRef[];
  /** What it asks of its requests that Lattice does not do; therefore they are answered 500. */
  readonly beyond: readonly Lack[];
  /** The same where it is not looked at, as by the in-cluster controller. */
  readonly ignored: readonly Lack[];
  readonly matches: readonly { readonly expressed: Expressed; readonly precedence: Precedence }[];
}

/** The rules of a route. A TLSRoute's have no matches: what is passed through is not looked into. */
export function rulesOf(route: Route, incumbent: boolean): readonly RouteRule[] {
  switch (route.kind) {
    case "HTTPRoute":
      return route.spec.rules.map((rule, index) => ({
        ...head(rule, index, incumbent),
        matches: rule.matches.map((match) => ({
          expressed: expressMatch(match, incumbent),
          precedence: httpPrecedence(match),
        })),
      }));
    case "GRPCRoute":
      return route.spec.rules.map((rule, index) => ({
        ...head(rule, index, incumbent),
        matches: rule.matches.map((match) => ({
          expressed: expressGrpcMatch(match, incumbent),
          precedence: grpcPrecedence(match),
        })),
      }));
    case "TLSRoute":
      return route.spec.rules.map(({ name, backendRefs }, index) => ({
        index,
        text: ruleText(name, index),
        backendRefs,
        beyond: [],
        ignored: [],
        matches: [],
      }));
  }
}

type Rule = HTTPRoute["spec"]["rules"][number] | GRPCRoute["spec"]["rules"][number];

function head(rule: Rule, index: number, incumbent: boolean) {
  const asked = beyondLattice(rule);
  return {
    index,
    text: ruleText(rule.name, index),
    backendRefs: rule.backendRefs,
    beyond: incumbent ? [] : asked,
    ignored: incumbent ? asked : [],
  };
}

const ruleText = (name: string | undefined, index: number): string =>
  name === undefined ? `rule ${index}` : `rule ${index} (${name})`;

function beyondLattice(rule: Rule): readonly Lack[] {
  const filtered = [
    { field: "filters", filters: rule.filters },
    ...rule.backendRefs.map(({ name, filters }) => ({ field: `filters of backend ${name}`, filters })),
  ];
  const asked: Readonly<Record<string, unknown>> = {
    timeouts: "timeouts" in rule ? rule.timeouts : undefined,
    retry: "retry" in rule ? rule.retry : undefined,
    sessionPersistence: rule.sessionPersistence,
  };
  return [
    ...filtered
      .filter(({ filters }) => filters.length > 0)
      .map(({ field, filters }) => ({
        field,
        why: `Lattice has no ${[...new Set(filters.map((one) => one.type))].join(", ")}`,
        instead: "let a backend do that",
      })),
    ...Object.keys(asked)
      .filter((field) => asked[field] !== undefined)
      .map((field) => ({ field, why: "Lattice has nothing like it", instead: "remove it" })),
  ];
}
