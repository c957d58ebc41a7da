import type { GRPCRouteMatch } from "../model/routes.ts";
import { headerProblem, headersOf, pathProblem, type Expressed, type Precedence } from "./match.ts";

/**
 * One match of a GRPCRoute rule: a call is a POST to `/SERVICE/METHOD` (gateway-api spec, GRPCMethodMatch). `single` is the
 * in-cluster controller's way with headers.
 */
export function expressGrpcMatch({ method, headers }: GRPCRouteMatch, single: boolean): Expressed {
  const { type = "Exact", service, method: call } = method ?? {};
  const lacks = (why: string, instead: string): Expressed => ({ ok: false, field: "method", why, instead });
  if (type !== "Exact") return lacks(`Lattice has no method match of type ${type}`, "use Exact");
  if (service === undefined && call !== undefined)
    return lacks(`Lattice cannot match method ${call} without its service`, "name the service");
  const path =
    service === undefined
      ? ({ kind: "prefix", value: "/" } as const)
      : call === undefined
        ? ({ kind: "prefix", value: `/${service}/` } as const)
        : ({ kind: "exact", value: `/${service}/${call}` } as const);
  const problem =
    pathProblem({ type: path.kind === "exact" ? "Exact" : "PathPrefix", value: path.value }, single) ??
    headerProblem(headers);
  if (problem !== undefined)
    return { ok: false, ...problem, field: problem.field === "path" ? "method" : problem.field };
  return {
    ok: true,
    matches: [
      { method: "POST", path: { ...path, caseSensitive: true }, headers: headersOf(headers, single) },
    ],
  };
}

/** The precedence of a match of a GRPCRoute, as of the path that it stands for: longer service, longer method, more headers. */
export function grpcPrecedence({ method, headers }: GRPCRouteMatch): Precedence {
  const { service, method: call } = method ?? {};
  const exact = service !== undefined && call !== undefined;
  const path = service === undefined ? 0 : service.length + 1 + (call === undefined ? 0 : call.length + 1);
  return { exact, path, method: true, headers: headersOf(headers, false).length };
}
