import type { Gateway } from "../model/objects.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Ask, NoAsk } from "./ask.ts";
import type { Served } from "./routeservices.ts";
import { say } from "./routeverdicts.ts";

/**
 * What to say where a route of class `amazon-vpc-lattice` is answered on ports that its Gateway there has not: a Lattice service has one set
 * of listeners for all its networks.
 */
export function portVerdicts(ask: Ask | NoAsk, served: readonly Served[]): readonly Verdict[] {
  if ("why" in ask || ask.standalone) return [];
  return served.flatMap(({ parents, service }) => {
    if (service === undefined) return [];
    const its = ask.at.filter(({ gateway }) => parents.some((one) => isSame(one.gateway, gateway)));
    return parents.flatMap((parent) => {
      const own = its.filter(({ gateway }) => isSame(gateway, parent.gateway)).flatMap(portsAt);
      const others = its
        .map((one) => ({ gateway: one.gateway, ports: portsAt(one).filter((port) => !own.includes(port)) }))
        .filter(({ ports }) => ports.length > 0);
      if (own.length === 0 || others.length === 0) return [];
      return [
        say(
          parent,
          "espalier.dev/Ports",
          "False",
          "AnsweredToo",
          `its service answers in this network also on ${others.map(textOf).join(", and on ")}: a Lattice service has one set of listeners for all its networks. Where that must not be, have a route with a hostname of its own for each Gateway, or use class espalier`,
        ),
      ];
    });
  });
}

const isSame = (one: Gateway, other: Gateway): boolean => one.metadata.uid === other.metadata.uid;

const portsAt = ({ listeners }: Ask["at"][number]): readonly number[] =>
  [...new Set(listeners.map(({ listener }) => listener.port))].toSorted((a, b) => a - b);

const textOf = ({ gateway, ports }: { readonly gateway: Gateway; readonly ports: readonly number[] }) =>
  `port ${ports.join(", ")} of Gateway ${gateway.metadata.namespace}/${gateway.metadata.name}`;
