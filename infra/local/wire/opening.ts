import { handshakeRecord, helloOf } from "./clienthello.ts";

/** What the first bytes of a connection say that its client speaks. */
export type Opening =
  | { readonly is: "http1" }
  /** HTTP/2 in plaintext, by a client that knows beforehand that it is spoken. */
  | { readonly is: "http2" }
  | { readonly is: "tls"; readonly serverName: string | undefined };

/** The beginning of the connection preface of HTTP/2 (RFC 9113, section 3.4). */
const preface = "PRI * HTTP/2.0";

/** Reads what a connection begins with; undefined while it may still be one or another. */
export function openingOf(read: Buffer): Opening | undefined {
  if (read[0] === handshakeRecord) {
    const hello = helloOf(read);
    return hello && { is: "tls", ...hello };
  }
  const text = read.subarray(0, preface.length).toString("latin1");
  if (text === preface) return { is: "http2" };
  return preface.startsWith(text) ? undefined : { is: "http1" };
}
