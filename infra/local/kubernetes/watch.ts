import type { ServerResponse } from "node:http";
import type { KubeObject, WatchEvent } from "./objects.ts";
import { apiVersionOf, type Resource } from "./resources.ts";
import { KubeError } from "./status.ts";
import type { AdmittingStore } from "./store.ts";

export interface WatchAsked {
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly selected: (object: KubeObject) => boolean;
  /** How an object is shown: whole, or its metadata. */
  readonly shown: (object: KubeObject) => unknown;
}

const bookmarkEveryMs = 15_000;

/**
 * Streams changes as JSON lines until the client goes or the time is over. Without a resourceVersion it begins with what is there.
 * Answers how to end it from here, as a restarted API server does.
 */
export function streamWatch(
  store: AdmittingStore,
  resource: Resource,
  asked: WatchAsked,
  response: ServerResponse,
): () => void {
  const { query, namespace, selected, shown } = asked;
  const since = query.get("resourceVersion") ?? "";
  const initial = query.get("sendInitialEvents") === "true";
  const bookmarks = query.get("allowWatchBookmarks") === "true";
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const send = (type: string, object: unknown): void =>
    void response.write(`${JSON.stringify({ type, object })}\n`);
  const here = (object: KubeObject): boolean =>
    namespace === undefined || object.metadata.namespace === namespace;
  const seen = new Set<string>();
  const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

  /** An object that comes to match a selector is added, and one that ceases to is deleted, for whoever watches by it. */
  function onEvent({ type, object }: WatchEvent): void {
    if (!here(object)) return;
    const key = keyOf(object);
    const matches = selected(object) && type !== "DELETED";
    const had = seen.has(key);
    if (matches) seen.add(key);
    else seen.delete(key);
    if (matches) send(had || (type === "MODIFIED" && narrow === false) ? "MODIFIED" : "ADDED", shown(object));
    else if (had || (narrow === false && type === "DELETED")) send("DELETED", shown(object));
  }
  const narrow = query.has("labelSelector") || query.has("fieldSelector");
  const bookmark = (more: Readonly<Record<string, unknown>> = {}): void =>
    send("BOOKMARK", {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: { resourceVersion: String(store.version()), ...more },
    });

  let from = since;
  const listed = store.list(resource, namespace);
  if (initial || since === "" || since === "0") {
    from = listed.resourceVersion;
    for (const object of listed.items) if (selected(object)) onEvent({ type: "ADDED", object });
    if (initial) bookmark({ annotations: { "k8s.io/initial-events-end": "true" } });
  } else
    for (const object of listed.items)
      if (narrow && selected(object) && Number(object.metadata.resourceVersion) <= Number(since))
        seen.add(keyOf(object));
  let stop: () => void;
  try {
    stop = store.watch(resource, from, onEvent);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    send("ERROR", error.status);
    response.end();
    return () => undefined;
  }
  const timer = bookmarks ? setInterval(bookmark, bookmarkEveryMs) : undefined;
  const seconds = Number(query.get("timeoutSeconds") ?? 0) || 1_800;
  const timeout = setTimeout(() => response.end(), seconds * 1_000);
  response.on("close", () => {
    stop();
    clearInterval(timer);
    clearTimeout(timeout);
  });
  return () => response.destroy();
}
