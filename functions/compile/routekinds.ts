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

/** What a listener must be on VPC Lattice to carry a kind of route, with one that is, as it is written in a Gateway. */
export const carrierOf: Readonly<Record<RouteKind, string>> = {
  HTTPRoute:
    "an HTTPRoute needs a listener of protocol HTTP or HTTPS, such as { name: http, protocol: HTTP, port: 80 }",
  GRPCRoute:
    "a GRPCRoute needs a listener of protocol HTTPS, such as { name: grpc, protocol: HTTPS, port: 443 }: Lattice speaks HTTP/2 with clients over TLS alone",
  TLSRoute:
    "a TLSRoute needs a listener of protocol TLS with tls.mode Passthrough, such as { name: tls, protocol: TLS, port: 443, tls: { mode: Passthrough } }",
};

/** The protocol of a listener, and of one for TLS whether it ends there. */
export const protocolText = ({ protocol, tls }: Listener): string =>
  protocol === "TLS" ? `TLS with tls.mode ${tls?.mode ?? "Terminate"}` : protocol;

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
