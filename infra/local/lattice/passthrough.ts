import { connect, type Socket } from "node:net";
import type { Address } from "./targets.ts";

/** Joins a client's connection with one to a target. What is said on it is for the two alone. */
export function passThrough(client: Socket, address: Address): void {
  const target = connect({ ...address, allowHalfOpen: true, noDelay: true });
  target.once("error", () => client.resetAndDestroy());
  client.once("close", () => target.destroy());
  target.once("close", () => client.destroySoon());
  client.pipe(target);
  target.pipe(client);
}
