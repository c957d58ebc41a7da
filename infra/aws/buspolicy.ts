import { detailTypes, forwarderRole, sourceOf, type ClusterIdentity } from "./roles.ts";

/** How long a bus's policy may be unless AWS has granted more, in characters (EventBridge user guide, "Quotas": "Event bus policy size"). */
const policyMax = 10_240;

/** One statement of the bus's policy, with its id. */
interface Admission {
  readonly id: string;
  readonly statement: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly installation: string;
  readonly partition: string;
  /** The ARN of the bus. */
  readonly bus: string;
}

/**
 * Whom of other accounts the bus admits, with what. Who is of its own account needs no more than the policy of its role. From another, both
 * policies must allow: that of a role which our template makes names its one source, so one statement without names admits them all, and is
 * as long for one cluster as for a hundred. A role that somebody else makes has a statement that names its source.
 */
export function admissions(clusters: readonly ClusterIdentity[], place: Place): readonly Admission[] {
  const { installation, partition } = place;
  const ours = clusters.filter((one) => one.forwarderRoleArn === undefined);
  const accounts = [...new Set(ours.flatMap(({ account }) => account ?? []))].toSorted();
  const foreign = clusters.flatMap(({ name, forwarderRoleArn }) =>
    forwarderRoleArn === undefined
      ? []
      : [
          {
            id: name,
            statement: admit(forwarderRoleArn, place, {
              StringEquals: { "events:source": sourceOf(name), "events:detail-type": detailTypes },
            }),
          },
        ],
  );
  if (accounts.length === 0) return foreign;
  const principals = accounts.map((account) => `arn:${partition}:iam::${account}:root`);
  const statement = admit(principals, place, {
    ArnLike: { "aws:PrincipalArn": `arn:${partition}:iam::*:role/${forwarderRole(installation, "*")}` },
    StringLike: { "events:source": sourceOf("*") },
    StringEquals: { "events:detail-type": detailTypes },
  });
  // No cluster can have this name.
  return [{ id: "our_forwarders", statement }, ...foreign];
}

const admit = (
  principal: string | readonly string[],
  { bus }: Place,
  conditions: Readonly<Record<string, unknown>>,
): Admission["statement"] => ({
  Effect: "Allow",
  Principal: { AWS: principal },
  Action: "events:PutEvents",
  Resource: bus,
  Condition: conditions,
});

/** How long a policy of these statements is where EventBridge keeps it, in characters. */
const policySize = (all: readonly Admission[]): number =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: all.map(({ id, statement }) => ({ Sid: id, ...statement })),
  }).length;

/** What to do before a bus for these clusters is deployed, because its policy is too long; or undefined. */
export function policyTooLong(
  clusters: readonly ClusterIdentity[],
  installation: string,
): string | undefined {
  // Account and region are not known yet. No region's name is longer.
  const bus = `arn:aws:events:ap-northeast-1:111122223333:event-bus/${installation}`;
  const size = policySize(admissions(clusters, { installation, partition: "aws", bus }));
  if (size <= policyMax) return undefined;
  return (
    `the policy of event bus ${installation} has ${size} characters, and AWS allows ${policyMax}: before you deploy, have the quota ` +
    `"Event bus policy size" of Amazon EventBridge raised in the installation's account and region (Service Quotas). A ` +
    "forwarderRoleArn takes some 400 characters; an account whose forwarders have the roles of the template takes 33"
  );
}
