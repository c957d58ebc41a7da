/**
 * As much of the protobuf encoding as kubectl's questions need: kubectl asks with it whatever a server says that it takes
 * (apimachinery, runtime.Unknown: four bytes, then an envelope whose second field is the message).
 */

const magic = Buffer.from("k8s\0");
const lengthDelimited = 2;

/** The message in an envelope; undefined when the bytes are none. */
export function messageIn(body: Buffer): Buffer | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) return undefined;
  return fieldsOf(body.subarray(magic.length)).get(2) ?? Buffer.alloc(0);
}

/** The last value of each field that has a length: texts and messages, which is all that questions consist of. */
export function fieldsOf(message: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at < message.length;) {
    const key = varint(message, at);
    if (key.value % 8 !== lengthDelimited) throw new RangeError("a field that has no length");
    const length = varint(message, key.next);
    const end = length.next + length.value;
    if (end > message.length) throw new RangeError("a field that ends behind the message");
    fields.set(Math.floor(key.value / 8), message.subarray(length.next, end));
    at = end;
  }
  return fields;
}

function varint(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length; at += 1, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte % 128) * scale;
    if (byte < 128) return { value, next: at + 1 };
  }
  throw new RangeError("a number that does not end");
}
