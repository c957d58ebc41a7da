import type { ServiceNetworkRoot } from "../model/roots.ts";
import type { Compiled } from "./compiled.ts";
import type { View } from "./view.ts";

/** A service network is looked for while somebody reads what was found. */
export async function compileServiceNetwork(root: ServiceNetworkRoot, view: View): Promise<Compiled> {
  if (!view.own.wanted) return { want: { is: "absent" }, reports: [] };
  return { want: { is: "model", model: { ...root } }, reports: [] };
}
