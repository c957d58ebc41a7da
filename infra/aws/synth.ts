import { App, Duration } from "aws-cdk-lib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleAll } from "./bundle.ts";
import type { ClusterIdentity } from "./bus.ts";
import { EspalierStack } from "./stack.ts";

export interface SynthOptions {
  /** The repository. */
  readonly root: string;
  /** Where the cloud assembly goes. */
  readonly out: string;
  readonly installation: string;
  readonly clusters: readonly ClusterIdentity[];
  readonly propagationGraceSeconds: number;
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

/** Bundles the functions and synthesises the stack. Needs no network and no account. Answers the template and its file. */
export async function synthesise(
  options: SynthOptions,
): Promise<{ readonly template: Template; readonly file: string }> {
  const bundles = await bundleAll(options.root, join(options.out, "bundles"));
  const app = new App({
    outdir: options.out,
    analyticsReporting: false,
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
    keepTable: true,
    description: "Espalier: Gateway API objects of many clusters as Amazon VPC Lattice",
  });
  const assembly = app.synth();
  const file = assembly.getStackByName(name).templateFullPath;
  return { template: JSON.parse(readFileSync(file, "utf8")), file };
}
