import type { Kind } from "../model/objects.ts";

/**
 * The port to a cluster's API server, as the forwarder uses it: list and watch, nothing else. Objects come as the server
 * wrote them. Methods throw SourceError when the server refuses, and anything else when no answer came.
 */
export interface ClusterSource {
  /** One page of all objects of a kind; `continue` of a page asks for the next. */
  list(kind: Kind, options: ListOptions, signal: AbortSignal): Promise<Page>;
  /** Changes after `rv`, until the server closes the stream (then it resolves), the signal aborts, or the stream breaks. */
  watch(
    kind: Kind,
    rv: string,
    options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface ListOptions {
  readonly limit: number;
  readonly continue?: string | undefined;
}

export interface WatchOptions {
  readonly timeoutSeconds: number;
  readonly bookmarks: boolean;
}

export interface Page {
  readonly items: readonly unknown[];
  /** The resourceVersion of the list. */
  readonly rv: string;
  readonly continue?: string | undefined;
}

/** A line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK, or ERROR with a Status. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** A refusal of the API server: its HTTP status, and how long it asked to wait. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfterMs;
  }
}
