import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifests } from "../kubernetes/manifests.ts";
import type { KubeObject } from "../kubernetes/objects.ts";

const folder = new URL("../../cluster/crds/", import.meta.url).pathname;

/** The CustomResourceDefinitions that a cluster needs. Read once: they are large, and every cluster has the same. */
export const crds: readonly KubeObject[] = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .toSorted()
  .flatMap((file) => readManifests(readFileSync(join(folder, file), "utf8"), file).manifests)
  .map((one) => one.object);
