import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";

/** How requests get to a service. */
export interface Reach {
  readonly protocol: "HTTP" | "HTTPS";
  readonly port: number;
  /** Of the data plane. */
  readonly url: string;
}

/** A data plane and a listener over which a service can be sent requests: in plaintext if it can be. */
export function reachOf({ listeners, networks }: SeenService, planes: DataPlaneUrls): Reach | undefined {
  return (["HTTP", "HTTPS"] as const)
    .flatMap((protocol) =>
      listeners
        .filter((one) => one.protocol === protocol)
        .flatMap(({ port }) =>
          networks.flatMap((network) => {
            const url = planes[network]?.[port];
            return url === undefined ? [] : [{ protocol, port, url }];
          }),
        ),
    )
    .at(0);
}
