import type { ClusterFacts } from "../model/cluster.ts";
import {
  infrastructureCondition,
  ownDomains,
  rightsDomains,
  type Infrastructure,
} from "../model/infrastructure.ts";
import type { Gateway } from "../model/objects.ts";
import type { ClassName, Report, Verdict } from "../model/verdict.ts";

/** What a ServiceAccount is to bear for a Gateway, and what is to be said of what it does not. */
type Propagated = Pick<Report, "infrastructure" | "verdicts">;

/** What a label can say (Kubernetes, "Labels and Selectors"), and so the longest name of a Gateway that an object can name as its own. */
const labelMax = 63;

/**
 * The labels and annotations of `spec.infrastructure`, but for those whose keys nobody may give a ServiceAccount by way of a Gateway.
 * While a cluster is only planned, or on hold, what is there stays. Class `amazon-vpc-lattice` has none, as the in-cluster controller.
 */
export function infrastructureOf(gateway: Gateway, its: ClassName, facts: ClusterFacts): Propagated {
  const { labels = {}, annotations = {} } = gateway.spec.infrastructure ?? {};
  const isAsked = Object.keys(labels).length + Object.keys(annotations).length > 0;
  if (its !== "espalier")
    return {
      verdicts: isAsked
        ? [
            say(
              "Ignored",
              "labels and annotations of spec.infrastructure are ignored: only class espalier has an object that bears them",
            ),
          ]
        : [],
    };
  const { length } = gateway.metadata.name;
  if (length > labelMax)
    return {
      verdicts: isAsked
        ? [
            say(
              "NameTooLong",
              `no object can bear the labels and annotations of spec.infrastructure: it would have to name its Gateway in a label, which takes ${labelMax} characters, and the name has ${length}`,
            ),
          ]
        : [],
    };
  const keys = [
    ...Object.keys(labels).map((key) => ({ key, field: "labels" })),
    ...Object.keys(annotations).map((key) => ({ key, field: "annotations" })),
  ];
  const left = reasons.flatMap(({ domains, why }) => {
    const its = keys.filter(({ key }) => isOf(key, domains)).map(({ key, field }) => `${field} ${key}`);
    return its.length === 0 ? [] : [`${its.join(", ")}: ${why}`];
  });
  const infrastructure: Infrastructure = { labels: safe(labels), annotations: safe(annotations) };
  return {
    verdicts:
      left.length === 0 ? [] : [say("KeysLeftOut", `left out of spec.infrastructure: ${left.join("; ")}`)],
    ...(facts.applied && facts.hold === undefined && { infrastructure }),
  };
}

/** Why keys of some domains are left out. */
const reasons = [
  { domains: ownDomains, why: "the control plane gives what is of this domain" },
  { domains: rightsDomains, why: "on a ServiceAccount a key of this domain can give rights in a cloud" },
];

const say = (reason: string, message: string): Verdict => ({
  subject: { at: "object" },
  type: infrastructureCondition,
  status: "False",
  reason,
  message,
});

const safe = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => !isOf(key, [...ownDomains, ...rightsDomains])));

/** Whether a key is of one of these domains or of a domain below. */
function isOf(key: string, domains: readonly string[]): boolean {
  const [prefix = "", name] = key.split("/");
  return name !== undefined && domains.some((one) => prefix === one || prefix.endsWith(`.${one}`));
}
