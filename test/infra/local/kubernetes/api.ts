import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";
import { crds } from "../../../../infra/local/fleet/crds.ts";
import { startApiServer } from "../../../../infra/local/kubernetes/cluster.ts";
import type { KubeObject, WatchEvent } from "../../../../infra/local/kubernetes/objects.ts";

interface CallOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string;
}

interface Answer {
  readonly status: number;
  readonly body: KubeObject;
}

interface Watching {
  /** The next event, in the order of the stream. */
  next(): Promise<WatchEvent>;
  /** Settles when the server ends the stream. */
  readonly ended: Promise<unknown>;
}

/** An API server as the local system starts it, reached as every client reaches it: over HTTPS, by token. */
export async function startApi(installed: readonly KubeObject[] = crds) {
  const api = await startApiServer({
    name: "east",
    now: Date.now,
    uid: randomUUID,
    crds: installed,
    tokens: new Map([
      ["admin", { name: "admin", groups: ["system:masters"] }],
      ["reader", { name: "reader", groups: [] }],
    ]),
  });
  const open = (method: string, path: string, { type, accept, token = "admin" }: CallOptions) =>
    request(new URL(path, api.url), {
      method,
      ca: api.ca,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": type ?? "application/json",
        ...(accept === undefined ? {} : { accept }),
      },
    });
  const call = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const out = open(method, path, options);
      out.on("error", reject);
      out.on("response", (response) => {
        let text = "";
        response.on("data", (part: Buffer) => (text += part.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as KubeObject }),
        );
      });
      const { body } = options;
      out.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
    });
  return {
    ...api,
    call,
    watch: (path: string, options: CallOptions = {}) => watching(open("GET", path, options)),
  };
}

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/** Reads the events of a watch one by one; whatever changes from now on is seen. */
async function watching(out: ClientRequest): Promise<Watching> {
  out.end();
  const [response] = (await once(out, "response")) as [IncomingMessage];
  const lines = createInterface({ input: response });
  // A server that closes while somebody watches breaks the answer off.
  lines.on("error", () => undefined);
  const got: WatchEvent[] = [];
  const waiting: ((event: WatchEvent) => void)[] = [];
  lines.on("line", (line) => {
    const event = JSON.parse(line) as WatchEvent;
    const next = waiting.shift();
    if (next === undefined) got.push(event);
    else next(event);
  });
  return {
    ended: new Promise((resolve) => void lines.on("close", resolve)),
    async next() {
      return got.shift() ?? (await new Promise((resolve) => void waiting.push(resolve)));
    },
  };
}
