import { type Listener } from "../model/objects.ts";
import { isRouteKind, type RouteKind } from "../model/routes.ts";

/**
 * The route kinds that a listener's protocol can carry in Lattice. gRPC needs HTTP/2, which Lattice speaks with clients over
 * TLS only (vpc-lattice user guide, "Listeners").
 */
export function kindsOfProtocol(listener: Listener): readonly RouteKind[] {
  switch (listener.protocol) {
    case "HTTP":
      return ["HTTPRoute"];
    case "HTTPS":
      return ["HTTPRoute", "GRPCRoute"];
    case "TLS":
      return listener.tls?.mode === "Passthrough" ? ["TLSRoute"] : [];
    default:
      return [];
  }
}

/** The route kinds that a listener takes now: those of its protocol, as far as allowedRoutes lists them. */
export function supportedKinds(
  listener: Listener,
): readonly { readonly group: string; readonly kind: RouteKind }[] {
  const group = "gateway.networking.k8s.io";
  const ofProtocol = kindsOfProtocol(listener);
  const listed = listener.allowedRoutes.kinds.flatMap((one) =>
    one.group === group && isRouteKind(one.kind) ? [one.kind] : [],
  );
  const kinds =
    listener.allowedRoutes.kinds.length === 0
      ? ofProtocol
      : ofProtocol.filter((kind) => listed.includes(kind));
  return kinds.map((kind) => ({ group, kind }));
}
