import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { applyManifests, readManifests } from "../kubernetes/manifests.ts";
import type { Cluster } from "./cluster.ts";

const folder = new URL("../../cluster/", import.meta.url).pathname;

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
      read.flatMap((one) => one.manifests),
      cluster.api,
    )),
  ];
  if (errors.length > 0)
    throw new Error(`what a cluster needs could not be installed:\n  ${errors.join("\n  ")}`);
}
