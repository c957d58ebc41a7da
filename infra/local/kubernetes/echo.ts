import { createAuthority, createCertificates } from "../wire/authority.ts";
import { createDoor, type Door } from "../wire/door.ts";
import { createSpeaker } from "../wire/speaker.ts";
import { echoed } from "./echoed.ts";

/** A pod that answers. */
export interface EchoPod {
  readonly namespace: string;
  readonly name: string;
  /** The Service that it belongs to. */
  readonly service: string;
  readonly ip: string;
  readonly ports: readonly number[];
}

/** Pods' addresses and where they are reached on this machine: pods have addresses of a private range, which loopback stands in for. */
export interface Echo {
  /** Lets the pod answer at these ports too. Rejects when this machine has no port left for it. */
  serve(pod: EchoPod): Promise<void>;
  drop(ip: string): void;
  addressOf(ip: string, port: number): { readonly host: string; readonly port: number } | undefined;
  /** Lets a pod's `/health` answer 503, or 200 again. */
  setHealthy(ip: string, healthy: boolean): void;
  close(): void;
}

/**
 * Echo servers for the pods of one cluster: each request is answered with what it was and who answered it, in whatever the
 * client speaks: HTTP/1.1, HTTP/2 or gRPC, in plaintext or over TLS with a certificate for the name that it asks for.
 */
export function createEcho(cluster: string): Echo {
  const listeners = new Map<string, { readonly door: Door; readonly listening: Promise<void> }>();
  const unhealthy = new Set<string>();
  // Few pods are ever spoken to over TLS, so the first that is makes what it takes.
  let authority: ReturnType<typeof createAuthority> | undefined;
  const certificateFor = createCertificates(
    "pod",
    () => (authority ??= createAuthority(`espalier-pods-${cluster}`, Date.now())),
  );

  function start(pod: EchoPod, port: number): Promise<void> {
    const speaker = createSpeaker((exchange) =>
      exchange.answer(echoed(exchange, { ...pod, cluster }, !unhealthy.has(pod.ip))),
    );
    const door = createDoor((opening, socket) => {
      if (opening.is !== "tls") return speaker[opening.is](socket);
      certificateFor(opening.serverName ?? pod.name).then(
        (certified) => speaker.tls(socket, certified),
        () => socket.destroy(),
      );
    });
    const { server } = door;
    server.unref();
    const key = `${pod.ip}:${port}`;
    const listening = new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        listeners.delete(key);
        reject(error);
      });
      server.listen(0, "127.0.0.1", () => {
        // The pod may have gone before it listened.
        if (listeners.get(key)?.door !== door) door.shut();
        resolve();
      });
    });
    // It is known from now on, so that a second call meanwhile waits for it instead of starting another.
    listeners.set(key, { door, listening });
    return listening;
  }

  function stop(key: string): void {
    const found = listeners.get(key);
    listeners.delete(key);
    found?.door.shut();
  }

  return {
    async serve(pod) {
      await Promise.all(
        pod.ports.map((port) => listeners.get(`${pod.ip}:${port}`)?.listening ?? start(pod, port)),
      );
    },
    drop(ip) {
      for (const key of listeners.keys()) if (key.startsWith(`${ip}:`)) stop(key);
      unhealthy.delete(ip);
    },
    addressOf(ip, port) {
      const address = listeners.get(`${ip}:${port}`)?.door.server.address();
      return typeof address === "object" && address !== null
        ? { host: "127.0.0.1", port: address.port }
        : undefined;
    },
    setHealthy: (ip, healthy) => void (healthy ? unhealthy.delete(ip) : unhealthy.add(ip)),
    close() {
      for (const key of listeners.keys()) stop(key);
    },
  };
}
