import type { ListenerModel } from "../model/lattice.ts";
import type { Route } from "../model/routes.ts";
import { textOf } from "./rules.ts";
import { routeText, type ServedPort, type Serving } from "./serving.ts";

/** Why routes that count on a service are not in it, by `KIND/NAMESPACE/NAME`. */
export function shadowed(asked: Serving, ports: readonly ServedPort[]): Readonly<Record<string, string>> {
  const isIn = (all: readonly ServedPort[], route: Route): boolean =>
    all.some(({ attached }) => attached.some((one) => one.route === route));
  const name = asked.customDomainName ?? "its name";
  const others = (route: Route): readonly string[] =>
    ports
      .filter((_, index) => asked.ports[index]?.attached.some((one) => one.route === route))
      .flatMap(({ attached }) => attached.map((one) => textOf(one.route)));
  return Object.fromEntries(
    asked.asking
      .filter((route) => !isIn(ports, route))
      .map((route) => [
        routeText(route),
        isIn(asked.ports, route)
          ? `connections for ${name} are passed through to ${others(route).join(", ")}, which is older or fits better`
          : `listeners with a hostname that fits ${name} better take its requests, and not this route`,
      ]),
  );
}

/** What to say of TLSRoutes whose ports are not listened on. */
export const closedTo = ({ ports, customDomainName: name = "" }: Serving, open: readonly number[]) =>
  Object.fromEntries(
    ports
      .filter(({ port }) => !open.includes(port))
      .flatMap(({ attached }) => attached.map(({ route }) => routeText(route)))
      .map((text) => [
        text,
        `connections for ${name} are refused: it has no backend to pass them to, or one that cannot be used; see the other conditions`,
      ]),
  );

/** Where the in-cluster controller leaves everything as it is, in words: a TLSRoute without a valid backend. */
export function unserved(
  { lenient, ports }: Serving,
  made: readonly { readonly model: ListenerModel }[],
): string | undefined {
  const closed = ports.find(({ port }) => !made.some(({ model }) => model.port === port));
  const [first] = closed?.attached ?? [];
  return lenient && first !== undefined
    ? `${routeText(first.route)} must have at least one valid backend; what there is stays as it is`
    : undefined;
}
