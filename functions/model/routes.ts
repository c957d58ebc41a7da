import type { Metadata } from "./objects.ts";

/** The routes of the Gateway API, reduced as the other objects are. */

export interface ParentRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly sectionName?: string | undefined;
  readonly port?: number | undefined;
}

export interface BackendRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly port?: number | undefined;
  readonly weight: number;
  readonly filters: readonly { readonly type: string }[];
}

export interface HeaderMatch {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

export interface HTTPRouteMatch {
  readonly path: { readonly type: string; readonly value: string };
  readonly headers: readonly HeaderMatch[];
  readonly queryParams: readonly HeaderMatch[];
  readonly method?: string | undefined;
}

export interface HTTPRouteRule {
  readonly name?: string | undefined;
  readonly matches: readonly HTTPRouteMatch[];
  readonly filters: readonly { readonly type: string }[];
  readonly backendRefs: readonly BackendRef[];
  readonly timeouts?:
    | { readonly request?: string | undefined; readonly backendRequest?: string | undefined }
    | undefined;
  /** Present when the rule has the field, whatever is in it: Lattice has nothing like it. */
  readonly retry?: Readonly<Record<string, unknown>> | undefined;
  /** As for retry. */
  readonly sessionPersistence?: Readonly<Record<string, unknown>> | undefined;
}

export interface HTTPRoute {
  readonly kind: "HTTPRoute";
  readonly metadata: Metadata;
  readonly spec: {
    readonly parentRefs: readonly ParentRef[];
    readonly hostnames: readonly string[];
    readonly rules: readonly HTTPRouteRule[];
  };
}

export interface GRPCRouteMatch {
  readonly method?:
    | {
        readonly type: string;
        readonly service?: string | undefined;
        readonly method?: string | undefined;
      }
    | undefined;
  readonly headers: readonly HeaderMatch[];
}

export interface GRPCRouteRule {
  readonly name?: string | undefined;
  /** Never empty: an absent list is one match of every call. */
  readonly matches: readonly GRPCRouteMatch[];
  readonly filters: readonly { readonly type: string }[];
  readonly backendRefs: readonly BackendRef[];
  /** As for HTTPRouteRule.retry. */
  readonly sessionPersistence?: Readonly<Record<string, unknown>> | undefined;
}

export interface GRPCRoute {
  readonly kind: "GRPCRoute";
  readonly metadata: Metadata;
  readonly spec: {
    readonly parentRefs: readonly ParentRef[];
    readonly hostnames: readonly string[];
    readonly rules: readonly GRPCRouteRule[];
  };
}

export interface TLSRoute {
  readonly kind: "TLSRoute";
  readonly metadata: Metadata;
  readonly spec: {
    readonly parentRefs: readonly ParentRef[];
    readonly hostnames: readonly string[];
    readonly rules: readonly {
      readonly name?: string | undefined;
      readonly backendRefs: readonly BackendRef[];
    }[];
  };
}

/** Every kind of route. */
export type Route = HTTPRoute | GRPCRoute | TLSRoute;
export type RouteKind = Route["kind"];

/** Every kind of route, in the order in which they are listed everywhere. */
export const routeKinds: readonly RouteKind[] = ["HTTPRoute", "GRPCRoute", "TLSRoute"];

/** Says whether a kind is one of a route. */
export const isRouteKind = (kind: string): kind is RouteKind => routeKinds.some((one) => one === kind);
