/** The server name that a TLS client asks for; undefined when it names none or speaks no TLS that is understood. */
export interface Hello {
  readonly serverName: string | undefined;
}

/** The first byte of every TLS connection: a record of the handshake (RFC 8446, section 5.1). */
export const handshakeRecord = 0x16;
const clientHello = 1;
const serverNameExtension = 0;
const hostName = 0;
const recordHeader = 5;
const handshakeHeader = 4;
const versionAndRandom = 2 + 32;

/** Reads the first bytes of a TLS connection without answering them; undefined while more are needed. */
export function helloOf(read: Buffer): Hello | undefined {
  const handshake = handshakeIn(read);
  if (handshake === "broken") return { serverName: undefined };
  if (handshake.length < handshakeHeader) return undefined;
  if (handshake[0] !== clientHello) return { serverName: undefined };
  const end = handshakeHeader + handshake.readUIntBE(1, 3);
  if (handshake.length < end) return undefined;
  return { serverName: serverNameIn(handshake.subarray(handshakeHeader, end)) };
}

/** The handshake messages so far: a message may be spread over several records. */
function handshakeIn(read: Buffer): Buffer | "broken" {
  const parts: Buffer[] = [];
  for (let at = 0; at + recordHeader <= read.length;) {
    if (read[at] !== handshakeRecord) return "broken";
    const end = at + recordHeader + read.readUInt16BE(at + 3);
    parts.push(read.subarray(at + recordHeader, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** The host name of a ClientHello (RFC 8446, section 4.1.2; RFC 6066, section 3), in lower case. */
function serverNameIn(body: Buffer): string | undefined {
  const session = block(body.subarray(versionAndRandom), 1);
  const ciphers = block(session.after, 2);
  const compression = block(ciphers.after, 1);
  let extensions = block(compression.after, 2).inside;
  while (extensions.length > 4) {
    const type = extensions.readUInt16BE(0);
    const { inside, after } = block(extensions.subarray(2), 2);
    if (type === serverNameExtension) {
      const names = block(inside, 2).inside;
      if (names[0] !== hostName) return undefined;
      return block(names.subarray(1), 2).inside.toString("latin1").toLowerCase();
    }
    extensions = after;
  }
  return undefined;
}

/** A part that its length, of so many bytes, stands before. What ends too early is taken as far as it goes. */
function block(bytes: Buffer, lengthBytes: 1 | 2): { readonly inside: Buffer; readonly after: Buffer } {
  const length = bytes.length < lengthBytes ? 0 : bytes.readUIntBE(0, lengthBytes);
  const end = lengthBytes + length;
  return { inside: bytes.subarray(lengthBytes, end), after: bytes.subarray(end) };
}
