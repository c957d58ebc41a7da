import { describe, expect, test } from "vitest";

import type { Api } from "../../functions/forward/api.k8s.ts";
import { holdingLease } from "../../functions/forward/lease.k8s.ts";
import { SourceError } from "../../functions/forward/source.ts";

import { VirtualTime } from "./world.ts";

type Stored = { metadata: { resourceVersion: string }; spec: { holderIdentity: string } };

/** One Lease in an API server, which refuses writes of an old resourceVersion. */
function leases() {
  const state = { lease: undefined as Stored | undefined, down: false, version: 0 };
  const write = (body: unknown): Stored => {
    state.version += 1;
    const { spec } = body as Stored;
    state.lease = { metadata: { resourceVersion: String(state.version) }, spec };
    return state.lease;
  };
  const api: Api = {
    async call(method, _path, { body }) {
      if (state.down) throw new Error("connect ECONNREFUSED");
      if (method === "GET") {
        if (state.lease === undefined) throw new SourceError("not found", 404);
        return structuredClone(state.lease);
      }
      const sent = (body as Stored).metadata.resourceVersion;
      const now = state.lease?.metadata.resourceVersion;
      if (method === "POST" ? now !== undefined : now !== sent) throw new SourceError("conflict", 409);
      return write(body);
    },
    lines: () => Promise.reject(new Error("no watch here")),
  };
  return { api, state, write };
}

function contender(api: Api, time: VirtualTime, identity: string) {
  const stop = new AbortController();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const did: string[] = [];
  const means = {
    api,
    namespace: "espalier-system",
    name: "l",
    identity,
    clock: time,
    setTimer: time.setTimer,
    log,
  };
  const ended = holdingLease(means, stop.signal, async (signal) => {
    did.push("began");
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    did.push("ended");
  });
  return { stop, did, ended };
}

describe("the Lease", () => {
  test("lets one work, and the next as soon as it is given back", async () => {
    const time = new VirtualTime();
    const { api, state } = leases();
    const first = contender(api, time, "first");
    await time.pass(1);
    const second = contender(api, time, "second");
    await time.pass(60_000);
    expect([first.did, second.did]).toEqual([["began"], []]);
    first.stop.abort();
    await first.ended;
    expect(state.lease?.spec.holderIdentity).toBe("");
    await time.pass(5000);
    expect(second.did).toEqual(["began"]);
    second.stop.abort();
    await second.ended;
  });

  test("of a holder that died is taken once it has not changed for its duration", async () => {
    const time = new VirtualTime();
    const { api, write } = leases();
    write({ spec: { holderIdentity: "dead", renewTime: "2099-01-01T00:00:00.000000Z" } });
    const next = contender(api, time, "next");
    await time.pass(14_000);
    expect(next.did).toEqual([]);
    await time.pass(6000);
    expect(next.did).toEqual(["began"]);
    next.stop.abort();
    await next.ended;
  });

  test("that another took ends the work, and is not given back", async () => {
    const time = new VirtualTime();
    const { api, write, state } = leases();
    const first = contender(api, time, "first");
    await time.pass(1);
    write({ spec: { holderIdentity: "usurper" } });
    await time.pass(6000);
    await first.ended;
    expect(first.did).toEqual(["began", "ended"]);
    expect(state.lease?.spec.holderIdentity).toBe("usurper");
  });

  test("that cannot be renewed for a while ends the work before another may take it", async () => {
    const time = new VirtualTime();
    const { api, state } = leases();
    const first = contender(api, time, "first");
    await time.pass(1);
    state.down = true;
    await time.pass(5000);
    expect(first.did).toEqual(["began"]);
    await time.pass(9000);
    expect(first.did).toEqual(["began", "ended"]);
    await first.ended;
  });
});
