import type { BackendRef, GRPCRoute, HTTPRoute, Route } from "../model/routes.ts";
import { expressGrpcMatch, grpcPrecedence } from "./grpcmatch.ts";
import { expressMatch, httpPrecedence, type Expressed, type Precedence } from "./match.ts";

/** A rule of a route, whatever its kind. */
export interface RouteRule {
  readonly index: number;
  /** In the user's words, such as `rule 0 (checkout)`. */
  readonly text: string;
  readonly backendRefs: readonly BackendRef[];
  /** What it asks of its requests that Lattice does not do, in words; therefore they are answered 500. */
  readonly beyond?: string | undefined;
  /** The same where it is not looked at, as by the in-cluster controller. */
  readonly ignored?: string | undefined;
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
        matches: [],
      }));
  }
}

type Rule = HTTPRoute["spec"]["rules"][number] | GRPCRoute["spec"]["rules"][number];

function head(rule: Rule, index: number, incumbent: boolean) {
  const asked = beyondLattice(rule);
  const its = asked === undefined ? {} : incumbent ? { ignored: asked } : { beyond: asked };
  return { index, text: ruleText(rule.name, index), backendRefs: rule.backendRefs, ...its };
}

const ruleText = (name: string | undefined, index: number): string =>
  name === undefined ? `rule ${index}` : `rule ${index} (${name})`;

function beyondLattice(rule: Rule): string | undefined {
  if (rule.filters.length > 0)
    return `filters ${rule.filters.map((one) => one.type).join(", ")} are not supported`;
  const filtered = rule.backendRefs.find((one) => one.filters.length > 0);
  if (filtered !== undefined)
    return `filters ${filtered.filters.map((one) => one.type).join(", ")} of backend ${filtered.name} are not supported`;
  const asked: Readonly<Record<string, unknown>> = {
    timeouts: "timeouts" in rule ? rule.timeouts : undefined,
    retry: "retry" in rule ? rule.retry : undefined,
    sessionPersistence: rule.sessionPersistence,
  };
  const fields = Object.keys(asked).filter((field) => asked[field] !== undefined);
  return fields.length === 0 ? undefined : `${fields.join(", ")} cannot be honoured by Lattice`;
}
