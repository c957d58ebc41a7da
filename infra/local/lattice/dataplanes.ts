import { serveDataPlane, type AddressOf } from "./dataplane.ts";
import type { Caller, LatticeEngine } from "./engine.ts";
import type { Served } from "../aws/http.ts";

/** `{ NETWORK: { PORT: url } }`. */
export type DataPlaneUrls = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The data planes of all service networks: one server for each port that a listener of a service in the network has. */
export interface DataPlanes {
  /** Starts what is missing. Answers whether anything was. */
  follow(): Promise<boolean>;
  urls(): DataPlaneUrls;
  close(): Promise<void>;
}

/** Every network is served on this port from the start, so that its URL can be known before any listener is. */
const alwaysServed = 80;

export function createDataPlanes(engine: LatticeEngine, place: Caller, addressOf: AddressOf): DataPlanes {
  const planes = new Map<
    string,
    { readonly network: string; readonly port: number; readonly served: Served }
  >();

  /** Ports of the listeners of the services of each network. */
  function wanted(): readonly { readonly id: string; readonly name: string; readonly port: number }[] {
    const { networks, associations, services } = engine.state(place);
    return [...networks.values()].flatMap(({ id, name }) => {
      const members = [...associations.values()].filter((one) => one.network === id);
      const ports = members.flatMap((one) =>
        [...(services.get(one.service)?.listeners.values() ?? [])].map((each) => each.port),
      );
      return [...new Set([alwaysServed, ...ports])].map((port) => ({ id, name, port }));
    });
  }

  return {
    async follow() {
      const missing = wanted().filter((one) => !planes.has(`${one.id}/${one.port}`));
      for (const { id, name, port } of missing) {
        const served = await serveDataPlane({ engine, place, network: id, port, addressOf });
        planes.set(`${id}/${port}`, { network: name, port, served });
      }
      return missing.length > 0;
    },
    urls() {
      const urls: Record<string, Record<string, string>> = {};
      for (const { network, port, served } of planes.values())
        urls[network] = { ...urls[network], [port]: served.url };
      return urls;
    },
    async close() {
      await Promise.all([...planes.values()].map((one) => one.served.close()));
    },
  };
}
