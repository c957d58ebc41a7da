import { serveDataPlane, type DataPlane, type DataPlaneOptions } from "./dataplane.ts";

/** `{ NETWORK: { PORT: url } }`. A URL begins with `https:` where TLS alone was spoken when the port was first served. */
export type DataPlaneUrls = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The data planes of all service networks: one server for each port that a listener of a service in the network has. */
export interface DataPlanes {
  /** Starts what is missing. Answers whether anything was. */
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

export function createDataPlanes(d: Omit<DataPlaneOptions, "network" | "port">): DataPlanes {
  const planes = new Map<string, Wanted & { readonly plane: DataPlane }>();

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

  return {
    async follow() {
      const missing = wanted().filter((one) => !planes.has(keyOf(one)));
      for (const one of missing)
        planes.set(keyOf(one), { ...one, plane: await serveDataPlane({ ...d, ...one }) });
      return missing.length > 0;
    },
    urls() {
      const urls: Record<string, Record<string, string>> = {};
      for (const { network, port, scheme, plane } of planes.values())
        urls[network.name] = { ...urls[network.name], [port]: `${scheme}://127.0.0.1:${plane.at}` };
      return urls;
    },
    close() {
      for (const { plane } of planes.values()) plane.close();
    },
  };
}
