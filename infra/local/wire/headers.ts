import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** What concerns one connection, and is not passed on (RFC 9110, section 7.6.1; RFC 9113, section 8.2.2). */
const ofOneConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** The headers of a message that are for the other end: without pseudo-headers and those of one connection. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const name in headers)
    if (!ofOneConnection.has(name) && !name.startsWith(":")) kept[name] = headers[name];
  return kept;
}
