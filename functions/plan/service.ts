import type {
  ListenerModel,
  ObservedAssociation,
  ObservedListener,
  ObservedService,
  ServiceModel,
} from "../model/lattice.ts";
import type { Quotas } from "../model/limits.ts";
import { withTags } from "./adopt.ts";
import type { Blocks, Change, Plan, RuleAt } from "./change.ts";
import { sameAction } from "./equal.ts";
import { heldBack, mustBeMended, planRules, waitText } from "./rules.ts";

/**
 * The least that must change for a service to be as it is wanted, in an order in which no request is answered wrongly.
 * `formerNetworks` are the service networks that this root ever wanted: other associations were made by hand, and stay.
 */
export function planService(
  want: ServiceModel | "absent",
  have: ObservedService | undefined,
  quotas: Quotas,
  formerNetworks: readonly string[],
): Plan {
  if (have?.ours === "foreign")
    return [leave("the service", "refused", `${have.arn} is not ours: it bears other tags`)];
  if (want === "absent") return have === undefined ? [] : planAbsence(have);
  if (have === undefined) return [{ do: "create-service", model: want, because: "missing" }];
  switch (have.lifecycle) {
    case "creating":
      return [leave("the service", "pending", "Lattice is making the service")];
    case "deleting":
      return [leave("the service", "pending", "a service of this name is being deleted")];
    case "create-failed":
      return [
        {
          do: "delete-service",
          service: have.id,
          because: `Lattice could not make it: ${have.failure ?? "no reason given"}`,
        },
      ];
    case "active":
    case "delete-failed":
      return withTags(planPresence(want, have, quotas, formerNetworks), want, have);
  }
}

function planAbsence(have: ObservedService): Plan {
  if (have.lifecycle === "deleting") return [leave("the service", "pending", "the service is being deleted")];
  if (have.lifecycle === "creating")
    return [leave("the service", "pending", "it is deleted once Lattice has made it")];
  const associated = have.associations.filter((one) => one.lifecycle !== "deleting");
  const busy = associated.filter((one) => one.lifecycle === "creating");
  if (busy.length > 0)
    return busy.map((one) =>
      leave(`association ${one.id}`, "pending", "it is undone once Lattice has made it"),
    );
  if (associated.length > 0) {
    return associated.map((one): Change => ({
      do: "disassociate",
      association: one.id,
      network: one.network,
      because: "the service is no longer wanted",
    }));
  }
  if (have.associations.length > 0)
    return [leave("the service", "pending", "its last association is being undone")];
  return [{ do: "delete-service", service: have.id, because: "no longer wanted" }];
}

function planPresence(
  want: ServiceModel,
  have: ObservedService,
  quotas: Quotas,
  formerNetworks: readonly string[],
): Plan {
  const [now = "none", then = "none"] = [have.customDomainName, want.customDomainName];
  // The rest goes on: only in profile `incumbent` does a service stay that of a route whose hostname changes.
  const domain: Plan =
    now === then
      ? []
      : [
          leave(
            "the service",
            "refused",
            `its custom domain is ${now} and cannot become ${then}: Lattice fixes it at creation. Make a route of another name for ${then}, move clients, then delete this one`,
          ),
        ];
  const certificate: Plan =
    want.certificateArn === undefined || want.certificateArn === have.certificateArn
      ? []
      : [
          {
            do: "update-service",
            service: have.id,
            certificateArn: want.certificateArn,
            because: "certificate differs",
          },
        ];
  const rules = [
    ...want.listeners.flatMap((one) => planListener(want, one, have, quotas)),
    ...strayListeners(want, have),
  ];
  const steps = { joining: associate(want, have), rules, leaving: disassociate(want, have, formerNetworks) };
  const isLeaving = have.associations.some((one) => isOnItsWayOut(one, want, formerNetworks));
  return [...domain, ...certificate, ...inOrder(want, have, steps, isLeaving)];
}

/**
 * A network that the service is in no longer must not see the new rules, and one that is new not the old ones: both have never asked
 * for them. So the rules change once it is out of the one, and it comes into the other once they have changed. One that has no
 * rule yet answers nobody, and is as early in its networks as it can.
 */
function inOrder(
  want: ServiceModel,
  have: ObservedService,
  { joining, rules, leaving }: { readonly joining: Plan; readonly rules: Plan; readonly leaving: Plan },
  isLeaving: boolean,
): Plan {
  if (!have.listeners.some(hasAnswers)) return [...leaving, ...joining, ...rules];
  const changes = rules.filter((change) => change.do !== "leave");
  if (isLeaving && changes.length > 0)
    return [
      ...leaving,
      leave("its rules", "pending", "they change once it is out of the networks that it leaves"),
    ];
  const isComing = want.listeners.some(waits);
  const later = joining.map((change): Change =>
    change.do === "associate"
      ? leave(
          `network ${change.network.name}`,
          "pending",
          "it comes into it once its rules are as they are to be",
        )
      : change,
  );
  return [...leaving, ...rules, ...(isComing ? later : joining)];
}

/** Whether a listener has an answer of its own for anybody. */
const hasAnswers = ({ rules, defaultAction }: ObservedListener): boolean =>
  rules.length > 0 || defaultAction.do === "forward";

/** Whether something of a listener is on its way: it comes without anybody doing anything about it. */
const waits = ({ defaultAction, rules }: ListenerModel): boolean =>
  [defaultAction, ...rules.map((rule) => rule.action)].some(
    (action) => action.do === "wait" && !mustBeMended(action),
  );

function associate(want: ServiceModel, have: ObservedService): Plan {
  return want.networks.flatMap((network): Plan => {
    const now = have.associations.find((one) => one.network === network.id);
    if (now?.lifecycle === "active" || now?.lifecycle === "creating" || now?.lifecycle === "delete-failed")
      return [];
    if (now?.lifecycle === "deleting")
      return [leave(`network ${network.name}`, "pending", "an earlier association is being undone")];
    if (now?.lifecycle === "create-failed")
      return [
        {
          do: "disassociate",
          association: now.id,
          network: network.id,
          because: "Lattice could not make it",
        },
      ];
    return [{ do: "associate", network, model: want, because: "missing" }];
  });
}

/** Whether a network is one that the service was in for us and is to be in no longer. */
const isFormer = ({ network }: ObservedAssociation, want: ServiceModel, formerNetworks: readonly string[]) =>
  want.keeps !== "all" &&
  want.keeps?.includes(network) !== true &&
  formerNetworks.includes(network) &&
  !want.networks.some((one) => one.id === network);

/** One that Lattice could not undo is tried again, and nothing waits for it. */
const isOnItsWayOut = (
  one: ObservedAssociation,
  want: ServiceModel,
  formerNetworks: readonly string[],
): boolean => isFormer(one, want, formerNetworks) && one.lifecycle !== "delete-failed";

function disassociate(want: ServiceModel, have: ObservedService, formerNetworks: readonly string[]): Plan {
  return have.associations
    .filter((one) => isFormer(one, want, formerNetworks) && one.lifecycle !== "deleting")
    .map((one): Change => ({
      do: "disassociate",
      association: one.id,
      network: one.network,
      because: "no longer wanted",
    }));
}

function planListener(
  model: ServiceModel,
  want: ListenerModel,
  service: ObservedService,
  quotas: Quotas,
): Plan {
  const have = service.listeners.find((one) => one.port === want.port);
  const { defaultAction } = want;
  // One of another protocol goes on as what it is: to close it would leave its clients without an answer.
  if (want.uncertified === true && have?.protocol !== want.protocol)
    return have === undefined ? [] : planRules(model, want, have, quotas);
  // What passes TLS through has nothing but its default action: it is made, and changed, once that can be said.
  if (defaultAction.do === "wait")
    return [
      leave(
        `listener ${want.name}`,
        mustBeMended(defaultAction) ? "refused" : "pending",
        waitText(defaultAction),
        [{ port: want.port, from: "" }],
      ),
    ];
  const make = (because: string): Plan => [
    { do: "create-listener", listener: want, defaultAction, model, because },
    ...planRules(model, want, undefined, quotas),
  ];
  if (have === undefined) return make("missing");
  if (have.protocol !== want.protocol) {
    const because = `port ${want.port} changes from ${have.protocol} to ${want.protocol}, which Lattice cannot do in place`;
    return [{ do: "delete-listener", listener: have, because }, ...make(because)];
  }
  const rules = planRules(model, want, have, quotas);
  if (sameAction(defaultAction, have.defaultAction)) return rules;
  const held = heldBack(`listener ${want.name}`, want.unusable, defaultAction, have.defaultAction);
  if (held !== undefined) return [...rules, { ...held, rules: [{ port: want.port, from: "" }] }];
  return [
    ...rules,
    { do: "update-listener", listener: have, defaultAction, because: "default action differs" },
  ];
}

function strayListeners(want: ServiceModel, have: ObservedService): Plan {
  const ports = new Set(want.listeners.map((one) => one.port));
  return have.listeners
    .filter((listener: ObservedListener) => !ports.has(listener.port))
    .map((listener): Change => ({ do: "delete-listener", listener, because: "no longer wanted" }));
}

const leave = (what: string, blocks: Blocks, because: string, rules?: readonly RuleAt[]): Change => ({
  do: "leave",
  what,
  blocks,
  because,
  ...(rules && { rules }),
});
