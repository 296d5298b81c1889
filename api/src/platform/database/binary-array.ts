// Arrays as PostgreSQL's binary format has them, for statements that write hundreds of rows by `unnest`: node-postgres would
// print each element as text and escape it, octets as hexadecimal, and PostgreSQL would read all that back. A Buffer is
// sent as it is, so the parameter must be cast to the array's type (`$1::bigint[]`).
//
// Format (array_recv, and the types' own receive functions, in PostgreSQL's src/backend/utils/adt): dimensions, whether there
// are nulls, the element's type, length and lower bound, as 32-bit numbers; then each element with its length before it.

const OID = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;
const HEADER = 20;

export function int8Array(values: readonly bigint[]): Buffer {
  const array = begin(OID.int8, values.length, values.length * 8);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(8, at);
    at = array.writeBigInt64BE(value, at);
  }
  return array;
}

export function int4Array(values: readonly number[]): Buffer {
  const array = begin(OID.int4, values.length, values.length * 4);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(4, at);
    at = array.writeInt32BE(value, at);
  }
  return array;
}

/** null is SQL's NULL. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let octets = 0;
  for (const value of values) octets += value?.length ?? 0;
  const array = begin(OID.bytea, values.length, octets, values.includes(null));
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/**
 * null is SQL's NULL.
 *
 * @param values without lone surrogates, which have no UTF-8, and without U+0000, which PostgreSQL refuses in a text
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  let octets = 0;
  for (const value of values) octets += value === null ? 0 : Buffer.byteLength(value);
  const array = begin(OID.text, values.length, octets, values.includes(null));
  let at = HEADER;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(-1, at);
      continue;
    }
    const length = array.write(value, at + 4);
    array.writeInt32BE(length, at);
    at += 4 + length;
  }
  return array;
}

export function uuidArray(values: readonly string[]): Buffer {
  const array = begin(OID.uuid, values.length, values.length * 16);
  let at = HEADER;
  for (const value of values) {
    at = array.writeInt32BE(16, at);
    at += array.write(value.replaceAll('-', ''), at, 'hex');
  }
  return array;
}

/** The header, and room for the elements with their lengths. An empty array has no dimension. */
function begin(type: number, count: number, octets: number, nulls = false): Buffer {
  const array = Buffer.allocUnsafe(count === 0 ? HEADER - 8 : HEADER + 4 * count + octets);
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(nulls ? 1 : 0, 4);
  array.writeInt32BE(type, 8);
  if (count === 0) return array;
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}
