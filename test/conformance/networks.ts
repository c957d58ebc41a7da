import {
  CreateServiceNetworkCommand,
  DeleteServiceNetworkCommand,
  type VPCLatticeClient,
} from "@aws-sdk/client-vpc-lattice";

/** Service networks for the Gateways of tests: there may be 50 in a region, so they go with their tests. */
export interface Networks {
  add(names: readonly string[]): Promise<void>;
  /** Takes networks away, each as soon as no service is in it any more. */
  remove(names: readonly string[]): void;
  /** Gives up what could not be taken away yet. */
  stop(): void;
}

const againMs = 1_000;

/** Makes and deletes service networks, as their administrator. */
export function createNetworks(client: VPCLatticeClient): Networks {
  const ids = new Map<string, string>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  async function tryToRemove(id: string): Promise<void> {
    try {
      await client.send(new DeleteServiceNetworkCommand({ serviceNetworkIdentifier: id }));
    } catch {
      if (stopped) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        void tryToRemove(id);
      }, againMs);
      timers.add(timer);
    }
  }

  return {
    async add(names) {
      for (const name of names) {
        if (ids.has(name)) continue;
        const { id } = await client.send(new CreateServiceNetworkCommand({ name, authType: "NONE" }));
        if (id !== undefined) ids.set(name, id);
      }
    },
    remove(names) {
      for (const name of names) {
        const id = ids.get(name);
        ids.delete(name);
        if (id !== undefined) void tryToRemove(id);
      }
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      client.destroy();
    },
  };
}
