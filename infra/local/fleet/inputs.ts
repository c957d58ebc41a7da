import { readFolder } from "../folder.ts";
import type { ClusterOption } from "../options.ts";
import { kubeConfigOf } from "./remoteapi.ts";

/** Reads what a cluster is given, before anything is started for it. Throws UsageError for a file or folder that cannot be read. */
export function readInputs({ folder, kubeconfig }: ClusterOption): ReturnType<typeof readFolder> {
  if (kubeconfig !== undefined) kubeConfigOf(kubeconfig);
  return readFolder(folder);
}
