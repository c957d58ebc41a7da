import { createServer, type Server, type Socket } from "node:net";
import { openingOf, type Opening } from "./opening.ts";

/** A server that looks at how each connection begins before anybody speaks on it. */
export interface Door {
  readonly server: Server;
  /** Stops listening. Connections go on; settles when the last one has ended. */
  drain(): Promise<void>;
  /** Stops listening and drops every connection. */
  shut(): void;
}

/** No client says so much before it is known what it speaks. */
const mostBytes = 64 * 1024;

/** A server that does not listen yet. Each connection is handed over as if nothing had been read from it. */
export function createDoor(enter: (opening: Opening, socket: Socket) => void): Door {
  const connections = new Set<Socket>();
  // As HTTP servers do: a client may end its side and still wait for the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    peek(socket, (opening) => enter(opening, socket));
  });
  return {
    server,
    drain: () => new Promise((resolve) => server.close(() => resolve())),
    shut() {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** A connection that ends or breaks before it is known what it is is dropped. */
function peek(socket: Socket, then: (opening: Opening) => void): void {
  let read: Buffer = Buffer.alloc(0);
  const drop = (): void => void socket.destroy();
  const look = (): void => {
    for (let part = bytesOf(socket); part !== undefined; part = bytesOf(socket))
      read = read.length === 0 ? part : Buffer.concat([read, part]);
    if (read.length === 0) return;
    const opening = openingOf(read);
    if (opening === undefined) return void (read.length > mostBytes && drop());
    socket.off("readable", look);
    socket.off("end", drop);
    socket.unshift(read);
    then(opening);
  };
  socket.on("readable", look);
  socket.on("end", drop);
  // Whoever takes the connection over hears of errors too; this only keeps one from ending the process.
  socket.on("error", drop);
}

function bytesOf(socket: Socket): Buffer | undefined {
  const part: unknown = socket.read();
  return Buffer.isBuffer(part) ? part : undefined;
}
