import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import type { SeenService } from "./look.sdk.ts";

const protocols = ["HTTP", "HTTPS", "TLS_PASSTHROUGH"] as const;

/** How requests get to a service. */
export interface Reach {
  /** The service network that a client must be in. */
  readonly network: string;
  readonly protocol: (typeof protocols)[number];
  readonly port: number;
  /** Of the data plane. */
  readonly url: string;
}

/** Data planes and listeners over which a service can be sent requests: in plaintext first. */
export const reachesOf = ({ listeners, networks }: SeenService, planes: DataPlaneUrls): readonly Reach[] =>
  protocols.flatMap((protocol) =>
    listeners
      .filter((one) => one.protocol === protocol)
      .flatMap(({ port }) =>
        networks.flatMap((network) => {
          const url = planes[network]?.[port];
          return url === undefined ? [] : [{ network, protocol, port, url }];
        }),
      ),
  );
