import { crds } from "../../infra/local/fleet/crds.ts";
import type { KubeObject } from "../../infra/local/kubernetes/objects.ts";
import { isObject } from "../../infra/local/kubernetes/schema.ts";

/** The CRDs as an older release of the Gateway API has them: each of these kinds is served in one version, which is not v1. */
export function servedOnlyAs(versions: Readonly<Record<string, string>>): readonly KubeObject[] {
  return crds.map((crd) => {
    const { spec } = crd;
    const only =
      isObject(spec) && isObject(spec["names"]) ? versions[String(spec["names"]["kind"])] : undefined;
    if (only === undefined || !isObject(spec) || !Array.isArray(spec["versions"])) return crd;
    const served = spec["versions"].flatMap((one: unknown) =>
      isObject(one) ? [{ ...one, served: one["name"] === only, storage: one["name"] === only }] : [],
    );
    return { ...crd, spec: { ...spec, versions: served } };
  });
}
