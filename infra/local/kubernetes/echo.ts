import { createServer, type Server } from "node:http";

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

/** Echo servers for the pods of one cluster: each request is answered with what it was and who answered it. */
export function createEcho(cluster: string): Echo {
  const listeners = new Map<string, { readonly server: Server; readonly listening: Promise<void> }>();
  const unhealthy = new Set<string>();

  function start(pod: EchoPod, port: number): Promise<void> {
    const server = createServer((request, response) => {
      const { method = "GET", url = "/", headers } = request;
      request.resume();
      if (url.split("?")[0] === "/health")
        return void response
          .writeHead(unhealthy.has(pod.ip) ? 503 : 200, { "content-type": "text/plain" })
          .end();
      const body = {
        pod: pod.name,
        namespace: pod.namespace,
        service: pod.service,
        cluster,
        path: url,
        method,
        host: headers.host ?? "",
        headers,
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.unref();
    const key = `${pod.ip}:${port}`;
    const listening = new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        listeners.delete(key);
        reject(error);
      });
      server.listen(0, "127.0.0.1", () => {
        // The pod may have gone before it listened.
        if (listeners.get(key)?.server !== server) server.close();
        resolve();
      });
    });
    // It is known from now on, so that a second call meanwhile waits for it instead of starting another.
    listeners.set(key, { server, listening });
    return listening;
  }

  function stop(key: string): void {
    const found = listeners.get(key);
    listeners.delete(key);
    found?.server.close();
    found?.server.closeAllConnections();
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
      const address = listeners.get(`${ip}:${port}`)?.server.address();
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
