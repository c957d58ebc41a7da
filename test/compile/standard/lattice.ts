import type { Action, ListenerModel, RuleMatch, ServiceModel } from "../../../functions/model/lattice.ts";
import type { Shares } from "../../../infra/local/proof/reading/backends.ts";
import type { Asked } from "../../../infra/local/proof/reading/reading.ts";

/** How Lattice may compare prefixes; its documents do not say. By segment, a slash at the end is ignored. */
export type Reading = "by character" | "by segment";

/**
 * Who answers a request to a service: the first of the listener's rules of which all conditions hold, else its default action
 * (VPC Lattice user guide, "Listener rules").
 */
export function answerOf(service: ServiceModel, asked: Asked, reading: Reading): Shares {
  const listener = service.listeners.find((one) => one.port === asked.port);
  if (listener === undefined) return { nobody: 1 };
  const rule = inOrder(listener).find(({ match }) => holds(match, asked, reading));
  return sharesOf(rule?.action ?? listener.defaultAction);
}

/** Rules without a number of their own stand in the order in which they are emitted; here all have one or none has. */
const inOrder = ({ rules }: ListenerModel) => rules.toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0));

function sharesOf(action: Action | { readonly do: "wait" }): Shares {
  switch (action.do) {
    case "fixed":
      return { [action.status]: 1 };
    case "wait":
      throw new Error("every target group is there");
    case "forward": {
      const total = action.groups.reduce((sum, { weight }) => sum + weight, 0);
      return Object.fromEntries(
        action.groups.filter(({ weight }) => weight > 0).map(({ id, weight }) => [id, weight / total]),
      );
    }
  }
}

const holds = ({ method, path, headers }: RuleMatch, asked: Asked, reading: Reading): boolean =>
  (method === undefined || method === asked.method) &&
  (path === undefined || pathHolds(path, asked.path, reading)) &&
  headers.every(
    ({ name, value, caseSensitive }) =>
      textOf(asked.headers[name.toLowerCase()] ?? "", caseSensitive) === textOf(value, caseSensitive),
  );

function pathHolds(path: NonNullable<RuleMatch["path"]>, asked: string, reading: Reading): boolean {
  const [value, text] = [textOf(path.value, path.caseSensitive), textOf(asked, path.caseSensitive)];
  if (path.kind === "exact") return text === value;
  if (reading === "by character") return text.startsWith(value);
  const plain = value.replace(/\/$/, "");
  return text === plain || text.startsWith(`${plain}/`);
}

const textOf = (text: string, caseSensitive: boolean): string => (caseSensitive ? text : text.toLowerCase());
