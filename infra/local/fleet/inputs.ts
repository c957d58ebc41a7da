import { readFolder } from "../folder.ts";
import type { ClusterOption } from "../options.ts";
import { kubeConfigOf } from "./remoteapi.ts";

/**
 * Reads what a cluster is given, before anything is started for it. A folder without a manifest is an error, but for a real API
 * server, which has objects of its own. Throws UsageError for a file or folder that cannot be read.
 */
export function readInputs({ name, folder, kubeconfig }: ClusterOption): ReturnType<typeof readFolder> {
  if (kubeconfig !== undefined) kubeConfigOf(kubeconfig);
  const read = readFolder(folder);
  if (kubeconfig !== undefined || read.manifests.length + read.errors.length > 0) return read;
  return { ...read, errors: [`${name}: there is no manifest in ${folder} (*.yaml, *.yml or *.json)`] };
}
