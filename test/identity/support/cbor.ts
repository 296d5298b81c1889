// As much of CBOR (RFC 8949, deterministic as CTAP2 wants it) as an authenticator writes: integers, octets, texts, lists, maps.

export type Cbor = number | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([head(3, text.length), text]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (isList(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
  const pairs = [...value].map(([key, member]) => Buffer.concat([encodeCbor(key), encodeCbor(member)]));
  return Buffer.concat([head(5, pairs.length), ...pairs]);
}

function isList(value: Cbor): value is readonly Cbor[] {
  return Array.isArray(value);
}

/** RFC 8949 section 3: the major type, and the argument in as few octets as it fits into. */
function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 0x100) return Buffer.from([(major << 5) | 24, argument]);
  const long = Buffer.from([(major << 5) | 25, 0, 0]);
  long.writeUInt16BE(argument, 1);
  return long;
}
