import { Duplex } from "node:stream";
import { connect } from "node:tls";

/** The bytes with which this Node begins a TLS connection. */
export function helloFor(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read: () => undefined, write: (bytes: Buffer) => resolve(bytes) });
    connect({ socket: wire, servername });
  });
}
