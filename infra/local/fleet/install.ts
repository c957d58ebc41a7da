import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { applyManifests, readManifests, type Manifest } from "../kubernetes/manifests.ts";
import type { Cluster } from "./cluster.ts";

const folder = new URL("../../cluster/", import.meta.url).pathname;

/** Of a real cluster the forwarder runs here, so its Deployment there has no replicas. */
const atRest = (one: Manifest): Manifest =>
  one.object.kind === "Deployment"
    ? { ...one, object: { ...one.object, spec: { ...spec.parse(one.object["spec"]), replicas: 0 } } }
    : one;

const spec = z.looseObject({});

/** Installs what a cluster needs: the manifests that `infra/cluster/kustomization.yaml` lists. Throws when one is refused. */
export async function install(cluster: Cluster): Promise<void> {
  const { resources } = z
    .looseObject({ resources: z.array(z.string()) })
    .parse(parse(readFileSync(`${folder}kustomization.yaml`, "utf8")));
  const read = resources.map((file) =>
    readManifests(readFileSync(`${folder}${file}`, "utf8"), `infra/cluster/${file}`),
  );
  const errors = [
    ...read.flatMap((one) => one.errors),
    ...(await applyManifests(
      read.flatMap((one) => one.manifests).map((one) => (cluster.runsForwarder ? one : atRest(one))),
      cluster.api,
    )),
  ];
  if (errors.length > 0)
    throw new Error(`what a cluster needs could not be installed:\n  ${errors.join("\n  ")}`);
}
