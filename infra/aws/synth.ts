import { App, Duration } from "aws-cdk-lib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AccountStack } from "./account.ts";
import { bundleAll, imageFolder, layOutImage } from "./bundle.ts";
import type { ClusterIdentity } from "./roles.ts";
import type { Settings } from "./settings.ts";
import { EspalierStack } from "./stack.ts";

export interface SynthOptions extends Readonly<Settings> {
  /** The repository. */
  readonly root: string;
  /** Where the cloud assembly goes. */
  readonly out: string;
  /** Whether the template is held against the rules of CloudFormation, which takes seconds: for what is to be deployed. */
  readonly validated: boolean;
}

/** A CloudFormation template, as far as it is looked at here. */
export interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: Readonly<Record<string, unknown>>;
        readonly Metadata?: Readonly<Record<string, unknown>>;
      }
    >
  >;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/**
 * Bundles the functions and the forwarder, and synthesises the stack, and one for each other account that has clusters. Needs
 * no network and no account. Answers the control plane's template and its file; all else lies beside it, also the templates of other
 * accounts (`accountTemplate`). Who has bundles already gives them with `bundle`.
 */
export async function synthesise(
  options: SynthOptions,
  bundle: typeof bundleAll = bundleAll,
): Promise<{ readonly template: Template; readonly file: string }> {
  const bundles = await bundle(options.root, join(options.out, "bundles"));
  layOutImage(options.root, bundles.forwarder, imageFolder(options.out));
  const app = new App({
    outdir: options.out,
    analyticsReporting: false,
    builtinCloudFormationValidation: options.validated,
    context: {
      "aws:cdk:enable-asset-metadata": true,
      "aws:cdk:enable-path-metadata": false,
      "aws:cdk:version-reporting": false,
    },
  });
  const name = options.installation;
  new EspalierStack(app, name, {
    stackName: name,
    installation: name,
    clusters: options.clusters,
    bundles,
    propagationGrace: Duration.seconds(options.propagationGraceSeconds),
    latticeCallsPerSecond: options.latticeCallsPerSecond,
    keepTable: true,
    description: "Espalier: Gateway API objects of many clusters as Amazon VPC Lattice",
  });
  for (const [account, clusters] of otherAccounts(options.clusters))
    new AccountStack(app, accountStack(name, account), { installation: name, clusters });
  const assembly = app.synth();
  const file = assembly.getStackByName(name).templateFullPath;
  return { template: JSON.parse(readFileSync(file, "utf8")), file };
}

/** The template for another account, of a cloud assembly in a folder. */
export const accountTemplate = (assembly: string, installation: string, account: string): Template =>
  JSON.parse(readFileSync(join(assembly, `${accountStack(installation, account)}.template.json`), "utf8"));

/** The name of the stack for another account, and so of its template. */
export const accountStack = (installation: string, account: string): string => `${installation}-${account}`;

/** The clusters of each account that is not the installation's own. */
export function otherAccounts(
  clusters: readonly ClusterIdentity[],
): ReadonlyMap<string, readonly ClusterIdentity[]> {
  const named = clusters.filter((one) => one.account !== undefined);
  return Map.groupBy(named, (one) => one.account ?? "");
}
