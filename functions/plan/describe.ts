import type { Change, Plan } from "./change.ts";
import { subjectOf } from "./policy.ts";

/** A plan in sentences, one per change, for the history and for dry runs. */
export const describe = (plan: Plan): readonly string[] => plan.map(sentence);

function sentence(change: Change): string {
  if (change.do === "leave") return `leave ${change.what}: ${change.because}`;
  return `${change.do.replaceAll("-", " ")}, ${subjectOf(change)}${details(change)}: ${change.because}`;
}

function details(change: Exclude<Change, { do: "leave" }>): string {
  switch (change.do) {
    case "register":
    case "deregister":
      return ` (${change.targets.map((target) => `${target.id}:${target.port}`).join(", ")})`;
    case "create-rule":
      return ` at ${change.priority}`;
    case "create-service":
      return ` ${change.model.name}`;
    case "create-target-group":
      return ` ${change.model.name}`;
    default:
      return "";
  }
}
