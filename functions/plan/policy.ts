import type { Change, Plan } from "./change.ts";

/** Filters over a plan: what may not be done becomes a `leave` that says why. Never an `if` in the applier. */
export type Policy = (plan: Plan) => Plan;

export const subjectOf = (change: Exclude<Change, { do: "leave" }>): string => {
  switch (change.do) {
    case "tag":
      return "the tags";
    case "create-service":
    case "update-service":
    case "delete-service":
      return "the service";
    case "associate":
      return `network ${change.network.name}`;
    case "disassociate":
      return `network ${change.network}`;
    case "create-listener":
    case "update-listener":
    case "delete-listener":
      return `listener ${change.listener.name}`;
    case "create-rule":
      return change.from;
    case "update-rules":
      return `${change.updates.length} rules on port ${change.port}`;
    case "delete-rule":
      return `rule ${change.rule.name}`;
    case "create-target-group":
    case "delete-target-group":
    case "register":
    case "deregister":
      return "the target group";
  }
};

/** Nothing is done; the plan still says what would be. */
export const dryRun =
  (why: string): Policy =>
  (plan) =>
    plan.map((change) =>
      change.do === "leave"
        ? change
        : {
            do: "leave",
            what: subjectOf(change),
            blocks: "pending",
            because: `not done, ${why}: ${change.do}`,
          },
    );
