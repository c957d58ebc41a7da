import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Whether a request is a call of gRPC (gRPC over HTTP/2, "Requests"). */
export const isGrpc = (headers: IncomingHttpHeaders): boolean =>
  /^application\/grpc($|[+;])/.test(headers["content-type"] ?? "");

/** How a call of gRPC ended, as trailers or, when nothing else is said, as headers. */
export const grpcStatus = (code: number, message?: string): OutgoingHttpHeaders => ({
  "grpc-status": String(code),
  ...(message === undefined ? {} : { "grpc-message": encodeURIComponent(message) }),
});

const lengthDelimitedFieldOne = 0x0a;

/** One message of gRPC: a text as the first field of a protobuf message, with the prefix that says how long it is. */
export function grpcMessage(text: string): Buffer {
  const bytes = Buffer.from(text);
  const field = Buffer.concat([Buffer.of(lengthDelimitedFieldOne, ...varint(bytes.length)), bytes]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

/** A whole number in protobuf's variable length. */
function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
