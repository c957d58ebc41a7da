import { BootstraplessSynthesizer, CfnParameter, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { AccountPrincipal, PrincipalWithConditions } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acmStatements } from "./certificates.ts";
import { latticeStatements } from "./reconcile.ts";
import { makeForwarderRole, roleWith, statusRole, writerRole, type ClusterIdentity } from "./roles.ts";
import { eksStatements } from "./status.ts";

/** What another account needs for its clusters: the roles that the control plane assumes there, and one for each forwarder. It has no assets. */
export class AccountStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    {
      installation,
      clusters,
    }: { readonly installation: string; readonly clusters: readonly ClusterIdentity[] },
  ) {
    const stack: StackProps = { description: "Espalier: what the account of clusters needs" };
    // What has no assets is deployed without a bootstrap. Assigned, because its type has a qualifier that may be undefined.
    super(scope, id, Object.assign(stack, { synthesizer: new BootstraplessSynthesizer({}) }));
    const bus = new CfnParameter(this, "BusArn", { description: "The control plane's event bus" })
      .valueAsString;
    const controlPlane = Fn.select(4, Fn.split(":", bus));
    /** Functions by their roles. As conditions, because IAM takes no principal that is not there yet: either stack may come first. */
    const trusted = (...functions: readonly string[]) =>
      new PrincipalWithConditions(new AccountPrincipal(controlPlane), {
        ArnEquals: {
          "aws:PrincipalArn": functions.map(
            (name) => `arn:${this.partition}:iam::${controlPlane}:role/${installation}-${name}`,
          ),
        },
      });
    roleWith(this, "Writer", {
      name: writerRole(installation),
      description: "Acts on VPC Lattice, and looks at certificates, for the control plane",
      assumedBy: trusted("reconcile", "certificates"),
      statements: [...latticeStatements(), ...acmStatements(this.account)],
    });
    roleWith(this, "Status", {
      name: statusRole(installation),
      description: "Writes status into clusters, for the control plane",
      assumedBy: trusted("status"),
      statements: eksStatements(this.account),
    });
    for (const { name, forwarderRoleArn } of clusters)
      if (forwarderRoleArn === undefined) makeForwarderRole(this, name, { installation, bus });
  }
}
