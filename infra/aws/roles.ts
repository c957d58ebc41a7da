import {
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
  SessionTagsPrincipal,
  type IPrincipal,
} from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { EventType } from "../../functions/bus/events.ts";
import { allow } from "./function.ts";

/** A cluster whose forwarder may put events. */
export interface ClusterIdentity {
  readonly name: string;
  /** Another account; absent: the stack's own. The forwarder's role is made there. */
  readonly account?: string | undefined;
  /** A role in that other account that somebody else makes. */
  readonly forwarderRoleArn?: string | undefined;
}

/** The role that acts on Lattice and asks ACM in another account. */
export const writerRole = (installation: string): string => `${installation}-writer`;

/** The role that clusters of an account know: in the installation's own it is that of the function. */
export const statusRole = (installation: string): string => `${installation}-status`;

/** The role of a cluster's forwarder. */
export const forwarderRole = (installation: string, cluster: string): string =>
  `${installation}-forwarder-${cluster}`;

/** The source that a cluster's events bear, and no others. */
export const sourceOf = (cluster: string): string => `espalier.${cluster}`;

/** What a forwarder may put, and nothing else. */
export const detailTypes: readonly string[] = Object.keys({
  "Objects Changed": true,
  Inventory: true,
  Heartbeat: true,
} satisfies Record<EventType, true>);

/** Lets a function assume a role of this name, whose account must trust it. */
export const assume = (role: string): PolicyStatement =>
  allow(["sts:AssumeRole"], [`arn:aws:iam::*:role/${role}`]);

interface RoleProps {
  readonly name: string;
  readonly description: string;
  readonly assumedBy: IPrincipal;
  readonly statements: readonly PolicyStatement[];
}

/** A role with one policy, which bears its name. */
export function roleWith(
  scope: Construct,
  id: string,
  { name, description, assumedBy, statements }: RoleProps,
): Role {
  const role = new Role(scope, id, { roleName: name, description, assumedBy });
  new ManagedPolicy(scope, `${id}-Policy`, {
    managedPolicyName: name,
    roles: [role],
    statements: [...statements],
  });
  return role;
}

/**
 * The role that a cluster's forwarder has by EKS Pod Identity: it may put events of its own cluster. This policy alone says so: in the
 * bus's own account nothing else is asked, and to another the bus admits all roles of such names alike.
 */
export const makeForwarderRole = (
  scope: Construct,
  cluster: string,
  { installation, bus }: { readonly installation: string; readonly bus: string },
): Role =>
  roleWith(scope, `Forwarder-${cluster}`, {
    name: forwarderRole(installation, cluster),
    description: `The forwarder of cluster ${cluster}`,
    assumedBy: new SessionTagsPrincipal(new ServicePrincipal("pods.eks.amazonaws.com")),
    statements: [
      new PolicyStatement({
        actions: ["events:PutEvents"],
        resources: [bus],
        conditions: {
          StringEquals: { "events:source": sourceOf(cluster), "events:detail-type": detailTypes },
        },
      }),
    ],
  });
