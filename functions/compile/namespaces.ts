import type { ClusterName } from "../model/ids.ts";
import type { LabelSelector } from "../model/objects.ts";
import type { View } from "./view.ts";

/** Which namespaces something is open to, as Gateways and listeners say it. */
export interface OpenTo {
  readonly from: string;
  readonly selector?: LabelSelector | undefined;
}

/**
 * Whether objects of a namespace are admitted by something in another: `unknown` while the labels that decide have not been
 * heard of (gateway-api spec, AllowedRoutes and AllowedListeners).
 */
export async function admits(
  view: View,
  cluster: ClusterName,
  { from, selector }: OpenTo,
  own: string,
  theirs: string,
): Promise<boolean | "unknown"> {
  if (from === "All") return true;
  if (from !== "Selector") return from === "Same" && own === theirs;
  if (selector === undefined) return false;
  const seen = await view.object({ cluster, kind: "Namespace", namespace: "", name: theirs });
  if (seen.is === "unknown") return "unknown";
  return seen.is === "known" && selects(selector, seen.object.metadata.labels);
}

/** Whether labels satisfy a selector (Kubernetes API, LabelSelector): all terms must hold, and an unknown operator holds for nothing. */
function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
