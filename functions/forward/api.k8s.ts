import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

import { SourceError } from "./source.ts";

/** Requests to one API server, with the access that a kubeconfig or a service account gives. */
export interface Api {
  /** The answer's JSON; throws SourceError unless the status is 2xx. */
  call(method: "GET" | "POST" | "PUT" | "DELETE", path: string, options: CallOptions): Promise<unknown>;
  /** Hands over each line of an answer that does not end, until it does; throws when it breaks or the signal aborts. */
  lines(path: string, onLine: (line: string) => void, options: LinesOptions): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The form of answer that is asked for; JSON unless it says otherwise. */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LinesOptions {
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
}

interface Sending extends LinesOptions {
  readonly body?: string | undefined;
}

/** A call that takes longer is given up. */
const callMax = 30_000;

const status = z.object({ message: z.string() });

/**
 * The official client reads the configuration and does authentication and TLS; the requests are plain, because its own watch
 * ends for good on an error, knows no bookmarks, and gives up a quiet stream after half a minute.
 */
export function createApi(config: KubeConfig): Api {
  async function send(
    method: string,
    path: string,
    { body, accept = "application/json", signal }: Sending,
  ): Promise<http.IncomingMessage> {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error("the kubeconfig names no cluster");
    const url = new URL(server.replace(/\/$/, "") + path);
    const content = body === undefined ? {} : { "Content-Type": "application/json" };
    const options: https.RequestOptions = {
      method,
      signal,
      headers: { Accept: accept, ...content },
    };
    await config.applyToHTTPSOptions(options);
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = (url.protocol === "http:" ? http : https).request(url, options, resolve);
      request.on("error", reject);
      request.end(body);
    });
    const code = answer.statusCode ?? 0;
    if (code < 200 || code > 299) throw await refusal(answer, code);
    return answer;
  }

  return {
    async call(method, path, { body, accept, signal }) {
      const limits = [AbortSignal.timeout(callMax), ...(signal === undefined ? [] : [signal])];
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const answer = await send(method, path, { body: sent, accept, signal: AbortSignal.any(limits) });
      const json: unknown = JSON.parse(await text(answer));
      return json;
    },
    async lines(path, onLine, { accept, signal }) {
      const answer = await send("GET", path, { accept, signal });
      for await (const line of createInterface({ input: answer, signal })) if (line !== "") onLine(line);
      // An answer that was cut off ends its lines without an error.
      if (!answer.complete && !signal.aborted) throw new Error("the API server broke the watch off");
    },
  };
}

/** What the API server said against it, in its own words where it has any. */
async function refusal(answer: http.IncomingMessage, code: number): Promise<SourceError> {
  const body = await text(answer);
  const seconds = Number(answer.headers["retry-after"]);
  const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new SourceError(messageIn(body) ?? answer.statusMessage ?? "no reason given", code, retryAfter);
}

function messageIn(body: string): string | undefined {
  try {
    return status.safeParse(JSON.parse(body)).data?.message;
  } catch {
    return body.slice(0, 200) || undefined;
  }
}
