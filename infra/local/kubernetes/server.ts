import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { discovery } from "./discovery.ts";
import { handle, type Asked } from "./handle.ts";
import { actingUser } from "./impersonate.ts";
import type { KubeObject } from "./objects.ts";
import { ipOf } from "./pods.ts";
import { allows, type Attributes, type User } from "./rbac.ts";
import { apiVersionOf, type Resource } from "./resources.ts";
import { review, reviewAt } from "./reviews.ts";
import { isObject } from "./schema.ts";
import { selectorOf } from "./select.ts";
import { KubeError, qualified } from "./status.ts";
import type { AdmittingStore } from "./store.ts";
import { partial, tableOf } from "./table.ts";
import { contained } from "../wire/contained.ts";
import { attributesOf, targetOf, type Target } from "./target.ts";
import type { Tls } from "./tls.ts";
import { streamWatch } from "./watch.ts";

export interface KubernetesOptions {
  readonly store: AdmittingStore;
  /** Whose token it is, or undefined. */
  readonly identify: (token: string) => Promise<User | undefined>;
  readonly tls: Tls;
  readonly now: () => number;
}

export interface KubernetesServer {
  readonly url: string;
  /** Ends all watches, as an API server that restarts does. */
  dropWatches(): void;
  close(): Promise<void>;
}

/** A Kubernetes API server over HTTPS on loopback: authentication by token, authorisation by RBAC, and the store behind them. */
export async function serveKubernetes(options: KubernetesOptions): Promise<KubernetesServer> {
  const watches = new Set<() => void>();
  const server = createServer({ cert: options.tls.cert, key: options.tls.key }, (request, response) => {
    contained(response);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      answer(request, Buffer.concat(parts), response, options, watches).catch((error: unknown) =>
        refuse(response, error),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    dropWatches() {
      for (const end of watches) end();
      watches.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  options: KubernetesOptions,
  watches: Set<() => void>,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://local");
  const method = request.method ?? "GET";
  const caller = await options.identify(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
  if (caller === undefined) throw new KubeError(401, "Unauthorized", "Unauthorized");
  const user = actingUser(options.store, caller, request.headers);
  const target = targetOf(url.pathname);
  const asking = method === "POST" ? reviewAt(url.pathname) : undefined;
  if (asking !== undefined) return json(response, 201, review(options.store, user, asking, body));
  if (target.is === "path") return path(target.path, options.store, response);
  const attributes = attributesOf(method, target, url.searchParams);
  if (!allows(options.store, user, attributes)) throw forbidden(user, attributes);
  const resource = options.store.resource(target);
  if (resource === undefined)
    throw new KubeError(404, "NotFound", "the server could not find the requested resource");
  if (method === "GET" && resource.kind === "Pod" && target.subresource === "log")
    return log(options.store, target, response);
  const asked: Asked = {
    method,
    target,
    query: url.searchParams,
    contentType: request.headers["content-type"] ?? "application/json",
    body: body.toString(),
    now: options.now(),
  };
  const form = formOf(request.headers.accept ?? "");
  if ("verb" in attributes && attributes.verb === "watch")
    return watch(resource, asked, form, response, options, watches);
  if (method === "GET" && target.name === undefined) return list(resource, asked, form, response, options);
  const { code, body: object } = handle(options.store, resource, asked);
  const one = isObject(object) && object["kind"] === resource.kind;
  json(response, code, one ? shownOne(object as KubeObject, form, resource, options.now()) : object);
}

type ResourceTarget = Extract<Target, { is: "resource" }>;

function path(asked: string, store: AdmittingStore, response: ServerResponse): void {
  if (/^\/(healthz|livez|readyz)/.test(asked))
    return void response.writeHead(200, { "content-type": "text/plain" }).end("ok");
  const found = discovery(asked.replace(/\/$/, ""), store.resources());
  if (found === undefined)
    throw new KubeError(404, "NotFound", "the server could not find the requested resource");
  json(response, 200, found);
}

type Form = "object" | "table" | "metadata";

const formOf = (accept: string): Form =>
  accept.includes("as=Table") ? "table" : accept.includes("as=PartialObjectMetadata") ? "metadata" : "object";

function shownOne(object: KubeObject, form: Form, resource: Resource, now: number): unknown {
  if (form === "metadata") return partial(object);
  return form === "table"
    ? tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, now)
    : object;
}

function list(
  resource: Resource,
  asked: Asked,
  form: Form,
  response: ServerResponse,
  { store, now }: KubernetesOptions,
): void {
  const selected = selectorOf(resource, asked.query);
  const { items, resourceVersion } = store.list(resource, asked.target.namespace);
  const all = items.filter(selected);
  const limit = Number(asked.query.get("limit") ?? 0) || all.length;
  const start = startOf(asked.query.get("continue") ?? "");
  const page = all.slice(start, start + limit);
  const left = all.length - start - page.length;
  const metadata = {
    resourceVersion,
    ...(left > 0
      ? {
          continue: Buffer.from(JSON.stringify({ start: start + limit })).toString("base64url"),
          remainingItemCount: left,
        }
      : {}),
  };
  if (form === "table") return json(response, 200, tableOf(resource, page, metadata, now()));
  const shown = page.map((object) => (form === "metadata" ? partial(object) : object));
  const kind = form === "metadata" ? "PartialObjectMetadataList" : `${resource.kind}List`;
  const apiVersion = form === "metadata" ? "meta.k8s.io/v1" : apiVersionOf(resource);
  json(response, 200, { kind, apiVersion, metadata, items: shown });
}

/** Where a page begins; a token that is none of ours has expired. */
function startOf(token: string): number {
  if (token === "") return 0;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (isObject(parsed) && typeof parsed["start"] === "number") return parsed["start"];
  } catch (error) {
    throw new KubeError(410, "Expired", `The provided continue parameter is not valid: ${String(error)}`);
  }
  throw new KubeError(410, "Expired", "The provided continue parameter is too old");
}

function watch(
  resource: Resource,
  asked: Asked,
  form: Form,
  response: ServerResponse,
  { store, now }: KubernetesOptions,
  watches: Set<() => void>,
): void {
  const end = streamWatch(
    store,
    resource,
    {
      namespace: asked.target.namespace,
      query: asked.query,
      selected: selectorOf(resource, asked.query),
      shown: (object) => shownOne(object, form, resource, now()),
    },
    response,
  );
  watches.add(end);
  response.on("close", () => watches.delete(end));
}

function forbidden(user: User, asked: Attributes): KubeError {
  if ("path" in asked)
    return new KubeError(
      403,
      "Forbidden",
      `forbidden: User "${user.name}" cannot ${asked.verb} path "${asked.path}"`,
    );
  const what = qualified({ plural: asked.resource, group: asked.group });
  const where =
    asked.namespace === undefined ? "at the cluster scope" : `in the namespace "${asked.namespace}"`;
  return new KubeError(
    403,
    "Forbidden",
    `${what}${asked.name === undefined ? "" : ` "${asked.name}"`} is forbidden: User "${user.name}" cannot ${asked.verb} resource "${asked.resource}" in API group "${asked.group}" ${where}`,
  );
}

/** What `kubectl logs` is answered: pods here are parts of this process, and what they say they say to their clients. */
function log(
  store: AdmittingStore,
  { namespace, name = "" }: ResourceTarget,
  response: ServerResponse,
): void {
  const pod = store.get({ group: "", version: "v1", plural: "pods" }, { namespace, name });
  response
    .writeHead(200, { "content-type": "text/plain" })
    .end(
      `${name} at ${ipOf(pod) || "no address"} is an echo server of the local stack: it answers each request with what it was, and keeps no log\n`,
    );
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  if (error instanceof KubeError) return json(response, error.code, error.status);
  const message = error instanceof Error ? error.message : String(error);
  json(response, 500, new KubeError(500, "InternalError", `Internal error occurred: ${message}`).status);
}
