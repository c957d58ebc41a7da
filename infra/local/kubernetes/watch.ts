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

  /** An object that comes to match a selector is added, and one that ceases to is deleted, for whoever watches by it. */
  function onEvent({ type, object, before }: WatchEvent): void {
    if (!here(object)) return;
    const had = before !== undefined && selected(before);
    const matches = type !== "DELETED" && selected(object);
    if (matches) return send(had ? "MODIFIED" : "ADDED", shown(object));
    if (had) send("DELETED", shown(lastSeen(before, object)));
  }
  const bookmark = (annotations?: Readonly<Record<string, string>>): void =>
    send("BOOKMARK", shown(bookmarkOf(resource, store.version(), annotations)));

  let from = since;
  if (initial || since === "" || since === "0") {
    const listed = store.list(resource, namespace);
    from = listed.resourceVersion;
    for (const object of listed.items) onEvent({ type: "ADDED", object });
    if (initial) bookmark({ "k8s.io/initial-events-end": "true" });
  }
  const endings: (() => void)[] = [];
  const quiet = (): void => {
    for (const one of endings.splice(0)) one();
  };
  /** Nothing is written once the stream has ended: a bookmark is due at the same moment, and the response closes later. */
  const finish = (): void => {
    quiet();
    response.end();
  };
  try {
    endings.push(store.watch(resource, from, onEvent, finish));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    send("ERROR", error.status);
    response.end();
    return () => undefined;
  }
  const timer = bookmarks ? setInterval(bookmark, bookmarkEveryMs) : undefined;
  const seconds = Number(query.get("timeoutSeconds") ?? 0) || 1_800;
  const timeout = setTimeout(finish, seconds * 1_000);
  endings.push(
    () => clearInterval(timer),
    () => clearTimeout(timeout),
  );
  response.on("close", quiet);
  return () => response.destroy();
}

/** What a watcher by a selector is told of an object that it does not match any more: as it was, at the version of the change. */
const lastSeen = (before: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject => ({
  ...before,
  metadata: { ...before.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
});

const bookmarkOf = (
  resource: Resource,
  version: number,
  annotations?: Readonly<Record<string, string>>,
): KubeObject => ({
  kind: resource.kind,
  apiVersion: apiVersionOf(resource),
  metadata: {
    name: "",
    resourceVersion: String(version),
    ...(annotations === undefined ? {} : { annotations }),
  },
});
