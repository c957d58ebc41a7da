import { serveDataPlane, type DataPlane, type DataPlaneOptions } from "./dataplane.ts";

/** `{ NETWORK: { PORT: url } }`. A URL begins with `https:` where TLS alone was spoken when the port was first served. */
export type DataPlaneUrls = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The data planes of all service networks: one server for each port that a listener of a service in the network has. */
export interface DataPlanes {
  /** Starts what is missing, and ends what nobody has listened on for a while. Answers whether anything was to do. */
  follow(): Promise<boolean>;
  urls(): DataPlaneUrls;
  close(): void;
}

interface Wanted {
  readonly network: { readonly id: string; readonly arn: string; readonly name: string };
  readonly port: number;
  readonly scheme: "http" | "https";
}

const keyOf = ({ network, port }: Wanted): string => `${network.id}/${port}`;

/** Every network is served on this port from the start, so that its URL can be known before any listener is. */
const alwaysServed = 80;

/** How long a port stays open after its last listener is gone: longer than Lattice takes to forget it, and than to make another there. */
const lingerMs = 5_000;

type Served = Wanted & {
  readonly plane: DataPlane;
  /** Since when nobody listens there. */
  readonly idleSince?: number | undefined;
};

export function createDataPlanes(
  d: Omit<DataPlaneOptions, "network" | "port"> & { readonly now: () => number },
): DataPlanes {
  const planes = new Map<string, Served>();
  /** Those that take no connection any more, and have some left. */
  const ending = new Set<DataPlane>();

  /** Ports of the listeners of the services of each network. */
  function wanted(): readonly Wanted[] {
    const { networks, associations, services } = d.engine.state(d.place);
    return [...networks.values()].flatMap((network) => {
      const members = [...associations.values()].filter((one) => one.network === network.id);
      const listeners = members.flatMap((one) => [...(services.get(one.service)?.listeners.values() ?? [])]);
      const ports = [...new Set([alwaysServed, ...listeners.map((one) => one.port)])];
      return ports.map((port) => {
        const plain = listeners.some((one) => one.port === port && one.protocol === "HTTP");
        return { network, port, scheme: plain || port === alwaysServed ? "http" : "https" };
      });
    });
  }

  function end({ plane }: Served): void {
    ending.add(plane);
    void plane.drain().then(() => ending.delete(plane));
  }

  /** Ends what has been idle for long enough; answers whether anything was. */
  function endIdle(inUse: ReadonlySet<string>): boolean {
    const open = planes.size;
    for (const [key, one] of planes) {
      const idleSince = inUse.has(key) ? undefined : (one.idleSince ?? d.now());
      planes.set(key, { ...one, idleSince });
      if (idleSince === undefined || d.now() < idleSince + lingerMs) continue;
      planes.delete(key);
      end(one);
    }
    return planes.size < open;
  }

  return {
    async follow() {
      const all = wanted();
      const ended = endIdle(new Set(all.map(keyOf)));
      const missing = all.filter((one) => !planes.has(keyOf(one)));
      for (const one of missing)
        planes.set(keyOf(one), { ...one, plane: await serveDataPlane({ ...d, ...one }) });
      return ended || missing.length > 0;
    },
    urls() {
      const urls: Record<string, Record<string, string>> = {};
      for (const { network, port, scheme, plane } of planes.values())
        urls[network.name] = { ...urls[network.name], [port]: `${scheme}://127.0.0.1:${plane.at}` };
      return urls;
    },
    close() {
      for (const plane of [...[...planes.values()].map((one) => one.plane), ...ending]) plane.close();
    },
  };
}
