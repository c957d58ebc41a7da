import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startDynamo, startSqs, type Backend } from "../../../../infra/local/aws/backends.ts";

/** Whether something answers at a port of an address of this machine. */
async function listensAt(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

// 127.0.0.2 stands for every other address of the machine: who listens on all of them listens there too.
test.each<[string, () => Promise<Backend>]>([
  ["SQS", startSqs],
  ["DynamoDB", startDynamo],
])("%s can be reached from this machine alone", async (_name, start) => {
  const backend = await start();
  const port = Number(new URL(backend.url).port);
  const heard = [await listensAt("127.0.0.1", port), await listensAt("127.0.0.2", port)];
  await backend.stop();
  expect(heard).toEqual([true, false]);
});
