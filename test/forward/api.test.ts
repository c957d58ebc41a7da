import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, describe, expect, test } from "vitest";

import { createApi } from "../../functions/forward/api.k8s.ts";
import { collection, kubernetesSource } from "../../functions/forward/source.k8s.ts";
import type { WatchEvent } from "../../functions/forward/source.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An API server that answers as a test says, and the adapter that talks to it as the user `me`. */
async function serving(answer: Answer) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    requests.push(`${request.method ?? ""} ${url.pathname}`);
    answer(request, response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: "me", token: "secret-of-me" }],
    contexts: [{ name: "x", cluster: "c", user: "me" }],
    currentContext: "x",
  });
  return { api: createApi(config), requests };
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};
const status = (code: number, message: string) => ({ kind: "Status", code, message });
const list = (names: readonly string[], more: object = {}) => ({
  kind: "List",
  metadata: { resourceVersion: "42", ...more },
  items: names.map((name) => ({ metadata: { name } })),
});
const open = (): AbortSignal => new AbortController().signal;
const gatewayGroup = "/apis/gateway.networking.k8s.io";

describe("which version is served", () => {
  test("v1 is taken where there is one, else v1beta1, asked for once", async () => {
    const { api, requests } = await serving((_request, response, { pathname }) => {
      if (pathname === `${gatewayGroup}/v1`) json(response, 200, { resources: [{ name: "gateways" }] });
      else if (pathname === `${gatewayGroup}/v1beta1`) {
        json(response, 200, { resources: [{ name: "gateways" }, { name: "referencegrants" }] });
      } else json(response, 200, list([]));
    });
    const source = kubernetesSource(api);
    await source.list("Gateway", { limit: 5 }, open());
    await source.list("ReferenceGrant", { limit: 5 }, open());
    await source.list("ReferenceGrant", { limit: 5 }, open());
    await source.list("Service", { limit: 5 }, open()).catch(() => undefined);
    expect(requests.filter((request) => /gateways|grants/.test(request))).toEqual([
      `GET ${gatewayGroup}/v1/gateways`,
      `GET ${gatewayGroup}/v1beta1/referencegrants`,
      `GET ${gatewayGroup}/v1beta1/referencegrants`,
    ]);
    expect(requests.filter((request) => request.endsWith("/v1beta1"))).toHaveLength(1);
  });

  /** An API server whose CRD of HTTPRoutes is installed or not, and served or not. */
  async function changing(now: { installed: boolean; served: boolean }) {
    const asked: string[] = [];
    const { api } = await serving((request, response, { pathname, search }) => {
      if (pathname.includes("customresourcedefinitions")) {
        asked.push(`${search} ${request.headers.accept ?? ""}`);
        if (!search.includes("watch=true")) json(response, 200, list(now.installed ? ["httproutes"] : []));
        else
          response.end(
            `${JSON.stringify({ type: now.installed ? "ADDED" : "BOOKMARK", object: { metadata: { resourceVersion: "43" } } })}\n`,
          );
      } else if (!now.served) json(response, 404, status(404, "not found"));
      else if (pathname.endsWith("/v1")) json(response, 200, { resources: [{ name: "httproutes" }] });
      else json(response, 200, list(["checkout"]));
    });
    return { source: kubernetesSource(api), asked };
  }
  const watching = { timeoutSeconds: 120, bookmarks: true };

  test("a kind without a CRD has no objects, and its watch ends when the CRD is installed", async () => {
    const now = { installed: false, served: false };
    const { source, asked } = await changing(now);
    expect(await source.list("HTTPRoute", { limit: 5 }, open())).toMatchObject({ items: [], rv: "42" });
    expect(asked[0]).toBe(
      "?fieldSelector=metadata.name%3Dhttproutes.gateway.networking.k8s.io&limit=1 application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    );
    const events: WatchEvent[] = [];
    await source.watch("HTTPRoute", "42", watching, (event) => events.push(event), open());
    expect(events.map(({ type }) => type)).toEqual(["BOOKMARK"]);
    now.installed = true;
    await expect(source.watch("HTTPRoute", "42", watching, () => {}, open())).rejects.toMatchObject({
      status: 503,
    });
    now.served = true;
    expect((await source.list("HTTPRoute", { limit: 5 }, open())).items).toHaveLength(1);
  });

  test("a CRD, of which only metadata is read, is of its own kind all the same", async () => {
    const partial = { kind: "PartialObjectMetadata", metadata: { name: "gateways", resourceVersion: "43" } };
    const { api } = await serving((_request, response, { pathname, search }) => {
      if (pathname.endsWith("/v1"))
        json(response, 200, { resources: [{ name: "customresourcedefinitions" }] });
      else if (search.includes("watch=true"))
        response.end(`${JSON.stringify({ type: "MODIFIED", object: partial })}\n`);
      else json(response, 200, { metadata: { resourceVersion: "42" }, items: [partial] });
    });
    const source = kubernetesSource(api);
    const { items } = await source.list("CustomResourceDefinition", { limit: 5 }, open());
    expect(items).toMatchObject([{ kind: "CustomResourceDefinition", metadata: { name: "gateways" } }]);
    const events: WatchEvent[] = [];
    await source.watch("CustomResourceDefinition", "42", watching, (event) => events.push(event), open());
    expect(events).toMatchObject([{ type: "MODIFIED", object: { kind: "CustomResourceDefinition" } }]);
  });

  test("a kind that is installed and not served yet is no empty one", async () => {
    const { source } = await changing({ installed: true, served: false });
    await expect(source.list("HTTPRoute", { limit: 5 }, open())).rejects.toMatchObject({ status: 503 });
  });

  test("a kind that goes away is listed anew", async () => {
    const now = { installed: true, served: true };
    const { source } = await changing(now);
    expect((await source.list("HTTPRoute", { limit: 5 }, open())).items).toHaveLength(1);
    now.served = now.installed = false;
    await expect(source.watch("HTTPRoute", "42", watching, () => {}, open())).rejects.toMatchObject({
      status: 410,
    });
    expect((await source.list("HTTPRoute", { limit: 5 }, open())).items).toEqual([]);
  });
});

describe("lists", () => {
  test("are asked for as the user, in pages, by name where only one object matters", async () => {
    const seen: string[] = [];
    const { api } = await serving((request, response, url) => {
      seen.push(`${request.headers.authorization ?? ""} ${url.search}`);
      json(response, 200, list(["a"], { continue: "next" }));
    });
    const feed = collection(api, "/api/v1/namespaces/espalier-system/configmaps", {
      fieldSelector: "metadata.name=espalier-forwarder",
    });
    const page = await feed.list({ limit: 500 }, open());
    expect(page).toEqual({ items: [{ metadata: { name: "a" } }], rv: "42", continue: "next" });
    await feed.list({ limit: 500, continue: page.continue }, open());
    expect(seen).toEqual([
      "Bearer secret-of-me ?fieldSelector=metadata.name%3Despalier-forwarder&limit=500",
      "Bearer secret-of-me ?fieldSelector=metadata.name%3Despalier-forwarder&limit=500&continue=next",
    ]);
  });

  test("that are refused say why in the server's words, and when to come again", async () => {
    const { api } = await serving((_request, response) =>
      json(response, 429, status(429, "too many requests"), { "retry-after": "7" }),
    );
    await expect(collection(api, "/api/v1/services").list({ limit: 1 }, open())).rejects.toMatchObject({
      status: 429,
      message: "too many requests",
      retryAfter: 7000,
    });
  });
});

describe("watches", () => {
  const line = (type: string, rv: number): string =>
    `${JSON.stringify({ type, object: { metadata: { resourceVersion: String(rv) } } })}\n`;

  test("hand over every line, also one that comes in pieces, and end when the server ends them", async () => {
    const asked: string[] = [];
    const { api } = await serving((_request, response, url) => {
      asked.push(url.search);
      const text = line("ADDED", 43) + line("BOOKMARK", 44);
      response.write(text.slice(0, 30));
      setTimeout(() => response.end(text.slice(30)), 20);
    });
    const events: WatchEvent[] = [];
    const feed = collection(api, "/api/v1/services");
    await feed.watch("42", { timeoutSeconds: 120, bookmarks: true }, (event) => events.push(event), open());
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "BOOKMARK"]);
    expect(asked).toEqual(["?watch=true&resourceVersion=42&timeoutSeconds=120&allowWatchBookmarks=true"]);
  });

  test("that break off are errors, and so are those that are refused", async () => {
    let cut = true;
    const { api } = await serving((_request, response) => {
      if (!cut) {
        json(response, 403, status(403, 'services is forbidden: User "me" cannot watch'));
        return;
      }
      response.write(line("ADDED", 43));
      setTimeout(() => response.destroy(), 20);
    });
    const feed = collection(api, "/api/v1/services");
    const events: WatchEvent[] = [];
    const options = { timeoutSeconds: 120, bookmarks: true };
    await expect(feed.watch("42", options, (event) => events.push(event), open())).rejects.toThrow();
    expect(events).toHaveLength(1);
    cut = false;
    await expect(feed.watch("42", options, () => undefined, open())).rejects.toMatchObject({
      status: 403,
      message: 'services is forbidden: User "me" cannot watch',
    });
  });

  test("end when they are called off, and close their connection", async () => {
    const closed = Promise.withResolvers<void>();
    const { api } = await serving((_request, response) => {
      response.write(line("ADDED", 43));
      response.on("close", () => closed.resolve());
    });
    const stop = new AbortController();
    const watching = collection(api, "/api/v1/services").watch(
      "42",
      { timeoutSeconds: 120, bookmarks: true },
      () => stop.abort(),
      stop.signal,
    );
    await watching.catch(() => undefined);
    await closed.promise;
  });
});
