import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createServer, get, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdmission } from "../../../../infra/local/kubernetes/admission.ts";
import { builtin } from "../../../../infra/local/kubernetes/builtin.ts";
import { createStore } from "../../../../infra/local/kubernetes/store.ts";
import { streamWatch } from "../../../../infra/local/kubernetes/watch.ts";
import { contained } from "../../../../infra/local/wire/contained.ts";

const store = createStore({ now: () => 0, uid: () => "uid", admit: createAdmission() });

let server: Server;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

/** A server that hands the response for one client over, at the moment at which it may be answered. */
async function answering(handle: (response: ServerResponse) => void): Promise<void> {
  server = createServer((_request, response) => handle(response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  get({ port, host: "127.0.0.1", agent: false }, (response) => response.resume()).on(
    "error",
    () => undefined,
  );
}

test("a watch whose time is over while a bookmark is due ends, and writes nothing after its end", async () => {
  const errors: unknown[] = [];
  const [namespaces] = builtin.filter((one) => one.plural === "namespaces");
  if (namespaces === undefined) throw new Error("no namespaces");
  const over = new Promise<void>((resolve) => {
    void answering((response) => {
      response.on("error", (error) => errors.push(error));
      const query = new URLSearchParams("watch=1&allowWatchBookmarks=true&timeoutSeconds=30");
      const shown = (object: unknown): unknown => object;
      streamWatch(store, namespaces, { namespace: undefined, query, selected: () => true, shown }, response);
      // Everything is due before the response has had a moment to close.
      vi.advanceTimersByTime(60_000);
      response.on("close", resolve);
    });
  });
  await over;
  expect(errors).toEqual([]);
});

test("an answer that goes wrong ends alone", async () => {
  const closed = new Promise<void>((resolve) => {
    void answering((response) => {
      contained(response);
      response.on("close", resolve);
      response.write("one");
      response.emit("error", new Error("broken"));
    });
  });
  await closed;
});
