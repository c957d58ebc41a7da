import { ACMClient, ImportCertificateCommand } from "@aws-sdk/client-acm";
import { readFileSync } from "node:fs";
import type { Cluster } from "../../infra/local/fleet/cluster.ts";
import { applyManifests, readManifests } from "../../infra/local/kubernetes/manifests.ts";
import type { KubeObject } from "../../infra/local/kubernetes/objects.ts";
import { gatewayNames } from "../../infra/local/networks.sdk.ts";
import { latticeClient } from "../../infra/local/latticeside.ts";
import { region } from "../../infra/local/place.ts";
import { boot, kube, manifestFolder } from "../infra/local/booted.ts";
import { selfSigned } from "../support/certificates.ts";
import { createNetworks } from "./networks.ts";
import { runtimeSecrets } from "./secrets.ts";

/** The class of the Gateways, and what stands for it in manifests. */
export const gatewayClass = "espalier";
const placeholder = /\{GATEWAY_CLASS_NAME\}/g;
const controllerPlaceholder = /\{GATEWAY_CONTROLLER_NAME\}/g;
/** Who writes the statuses that are judged. */
export const controllerName = "espalier.dev/gateway-controller";

/** The names that the certificate in ACM is for: whatever the tests ask for over HTTPS by a name of their own. */
const certifiedNames = ["*.example.com", "*.example.org", "secure.test.com", "second-example.org"];

const here = new URL(".", import.meta.url).pathname;

/** The local stack with the base resources of the suite in its one cluster. */
export async function startStack(quotas: readonly string[]) {
  const folder = manifestFolder({
    "base.yaml": forClass(readFileSync(`${here}upstream/base/manifests.yaml`, "utf8")),
    "secrets.yaml": await runtimeSecrets(),
  });
  const booted = await boot({
    args: [`--cluster`, `conformance=${folder}`, ...quotas.flatMap((one) => ["--quota", one])],
  });
  const { system } = booted;
  const { endpoints } = system.controlPlane;
  const acm = new ACMClient({ region, endpoint: endpoints.acm, credentials: { ...system.administrator } });
  await acm.send(new ImportCertificateCommand(await selfSigned(certifiedNames)));
  acm.destroy();
  return {
    booted,
    cluster: booted.east,
    requests: kube(booted),
    networks: createNetworks(latticeClient(endpoints.lattice, system.administrator)),
  };
}

/** A started stack, and how a test acts on it. */
export type Stack = Awaited<ReturnType<typeof startStack>>;

/** A manifest with the class in its place. */
const forClass = (text: string): string =>
  text.replace(placeholder, gatewayClass).replace(controllerPlaceholder, controllerName);

/** The objects of a manifest file of this folder. Throws when it cannot be read. */
export function objectsIn(file: string): readonly KubeObject[] {
  const { manifests, errors } = readManifests(forClass(readFileSync(`${here}${file}`, "utf8")), file);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return manifests.map((one) => one.object);
}

/** Applies objects as `kubectl apply` does, after their service networks have been made. Throws when one is refused. */
export async function applyAll({ cluster, networks }: Stack, objects: readonly KubeObject[]): Promise<void> {
  const manifests = objects.map((object) => ({ object, where: object.metadata.name }));
  await networks.add(gatewayNames(manifests));
  const errors = await applyManifests(manifests, cluster.api);
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** Deletes objects, the last first; those that are gone already are left so. */
export async function removeAll(stack: Stack, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects.toReversed()) {
    const { status } = await stack.requests.call("DELETE", await pathOf(stack.cluster, object));
    if (status !== 200 && status !== 404)
      throw new Error(`DELETE of ${object.kind} ${object.metadata.name}: ${status}`);
  }
  stack.networks.remove(gatewayNames(objects.map((object) => ({ object, where: "" }))));
}

async function pathOf(cluster: Cluster, { apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const found = await cluster.api.resourceOf(apiVersion, kind);
  if (found === undefined) throw new Error(`the cluster serves no ${apiVersion} ${kind}`);
  const { group, version, plural } = found.resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const space = found.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  return `${root}${space}/${plural}/${metadata.name}`;
}
