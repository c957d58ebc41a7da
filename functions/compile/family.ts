import type { ClusterName } from "../model/ids.ts";
import type { Service } from "../model/objects.ts";
import type { TargetGroupConfig } from "../model/lattice.ts";
import type { View } from "./view.ts";

/** The address families of Kubernetes, and what Lattice calls them. */
const families = { IPv4: "IPV4", IPv6: "IPV6" } as const satisfies Readonly<
  Record<string, TargetGroupConfig["family"]>
>;
type Family = keyof typeof families;

const isFamily = (text: string): text is Family => text in families;

/** The family of a Service's target group, and what to say when its endpoints are of another. */
interface Familiar {
  readonly family: TargetGroupConfig["family"];
  readonly otherFamily?: OtherFamily | undefined;
}

/** A Service none of whose endpoints its target group can have: `Service NAMESPACE/NAME`, and what to say of it. */
export interface OtherFamily {
  readonly service: string;
  readonly message: string;
}

/**
 * The family of a Service's target group, which has one alone: of several the first of which there are EndpointSlices, empty ones
 * too. Kubernetes keeps a slice of each family for a Service with a selector, so the group of the first family stays when its last
 * endpoint goes; slices of one family alone are such as somebody wrote.
 */
export async function familyOf(view: View, cluster: ClusterName, service: Service): Promise<Familiar> {
  const { namespace, name } = service.metadata;
  const [first = "IPv4", ...others] = service.spec.ipFamilies.filter(isFamily);
  if (others.length === 0) return { family: families[first] };
  const index = { kind: "EndpointSlice", by: "service", value: `${namespace}/${name}` } as const;
  const slices = await view.list(cluster, index);
  const its = (one: Family) => slices.filter(({ addressType }) => addressType === one);
  const isFull = (one: Family): boolean => its(one).some(({ endpoints }) => endpoints.length > 0);
  const family = [first, ...others].find((one) => its(one).length > 0) ?? first;
  const full = [first, ...others].find(isFull);
  return {
    family: families[family],
    ...(full === undefined || isFull(family)
      ? {}
      : {
          otherFamily: {
            service: `Service ${namespace}/${name}`,
            message: `Service ${namespace}/${name} has endpoints of family ${full} alone, and its target group is ${family}, its first family: none can be registered. Give it ipFamilies: [${full}]; Kubernetes lets the first family change only when the Service is made anew`,
          },
        }),
  };
}
