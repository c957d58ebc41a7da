import { same } from "../model/canonical.ts";
import type { BackendRef, Route } from "../model/routes.ts";

/** The port of a Service that a backend names, or `undefined` where it names none. */
export type NamedPort = number | undefined;

/** What a backend is a part of: a Service of a namespace. */
interface Backed {
  readonly namespace: string;
  readonly name: string;
}

/** The ports that the backends of a route name of one Service, without doubles: the one that is named last is the last. */
export function portsNamed(route: Route, service: Backed): readonly NamedPort[] {
  const named = refsOf(route).filter((ref) => same(backedBy(route, ref), service));
  return [...new Set(named.map((ref) => ref.port).toReversed())].toReversed();
}

/**
 * What must be said of Services that a route names with more than one port, in profile `incumbent`, where these are one target
 * group: the in-cluster controller registers one list of targets after the other, and the last one stays.
 */
export function sharedPorts(route: Route): readonly string[] {
  const services = new Map(
    refsOf(route).map((ref) => {
      const service = backedBy(route, ref);
      return [`${service.namespace}/${service.name}`, service] as const;
    }),
  );
  return [...services].flatMap(([name, service]) => {
    const ports = portsNamed(route, service);
    return ports.length < 2
      ? []
      : [
          `Service ${name} is named with ports ${ports.map(portText).join(", ")}, which are one target group in profile incumbent; its targets are those of port ${portText(ports.at(-1))}, the last one`,
        ];
  });
}

const portText = (port: NamedPort): string => (port === undefined ? "(none)" : String(port));

const refsOf = (route: Route): readonly BackendRef[] =>
  [...route.spec.rules]
    .flatMap((rule) => rule.backendRefs)
    .filter((ref) => ref.group === "" && ref.kind === "Service");

const backedBy = (route: Route, ref: BackendRef): Backed => ({
  namespace: ref.namespace ?? route.metadata.namespace,
  name: ref.name,
});
