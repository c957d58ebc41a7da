import type { Socket } from "node:net";
import { listening } from "../aws/http.ts";
import type { Certificates } from "../wire/authority.ts";
import { createDoor } from "../wire/door.ts";
import { createSpeaker } from "../wire/speaker.ts";
import { forward, type Forwarding } from "./forward.ts";
import { passThrough } from "./passthrough.ts";
import { createTargets } from "./targets.ts";

export interface DataPlaneOptions extends Omit<Forwarding, "targets"> {
  readonly certificates: Certificates;
}

/** One service network on one listener port. */
export interface DataPlane {
  /** Where it listens, on loopback. */
  readonly at: number;
  /** Takes no new connection. Settles when the last one has ended. */
  drain(): Promise<void>;
  /** Drops every connection. */
  close(): void;
}

/**
 * Serves whatever the services of a network listen with on a port: HTTP, HTTPS and TLS passthrough, told apart by the first
 * bytes of a connection and by the name that a TLS client asks for. What goes over HTTP is routed by the Host header or
 * `:authority`, as Lattice does.
 */
export async function serveDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const targets = createTargets();
  const speaker = createSpeaker((exchange) => forward(exchange, { ...options, targets }));

  function secure(socket: Socket, serverName: string): void {
    const { engine, place, network, port, addressOf } = options;
    const found = engine.connect(place, { network: network.id, port, serverName });
    if (found.is === "terminated")
      return void options.certificates(found.certificateFor).then(
        (certified) => speaker.tls(socket, certified),
        () => socket.destroy(),
      );
    const address = found.is === "target" ? addressOf(found.target.id, found.target.port) : undefined;
    // How Lattice ends a connection for nobody is not documented (a reset, an alert or a wrong certificate): here it is reset.
    if (address === undefined) socket.resetAndDestroy();
    else passThrough(socket, address);
  }

  // HTTP/2 without TLS is spoken by no listener, so its preface is answered as bad HTTP/1.1.
  const door = createDoor((opening, socket) =>
    opening.is === "tls" ? secure(socket, opening.serverName ?? "") : speaker.http1(socket),
  );
  return {
    at: await listening(door.server),
    async drain() {
      await door.drain();
      targets.close();
    },
    close() {
      door.shut();
      targets.close();
    },
  };
}
