/**
 * A value of a primitive Iceberg type as it stands in memory: `int`, `date`, `float`, `double` are numbers (dates in days
 * from 1970-01-01), `long`, `time`, `timestamp`, `timestamptz` are bigints (microseconds), `string` and `boolean` are
 * themselves, everything else is the bytes of its Avro form.
 */
export type SingleValue = boolean | number | bigint | string | Uint8Array;

/**
 * "Binary single-value serialization" of the specification (appendix D), the form of every bound. Numbers are
 * little-endian: readers trust them without a check, and big-endian ones silently hide rows.
 */
export function encodeSingleValue(type: string, value: SingleValue): Uint8Array {
  switch (type) {
    case 'boolean':
      return Uint8Array.of(value === true ? 1 : 0);
    case 'int':
    case 'date':
      return littleEndian(4, (view) => view.setInt32(0, value as number, true));
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return littleEndian(8, (view) => view.setBigInt64(0, value as bigint, true));
    case 'float':
      return littleEndian(4, (view) => view.setFloat32(0, value as number, true));
    case 'double':
      return littleEndian(8, (view) => view.setFloat64(0, value as number, true));
    case 'string':
      return new TextEncoder().encode(value as string);
    default:
      return type.startsWith('decimal') ? shortestDecimal(value as Uint8Array) : (value as Uint8Array);
  }
}

/** The value of a bound, or null where its length does not fit its type. Bytes of other types come back as they are. */
export function decodeSingleValue(type: string, bytes: Uint8Array): SingleValue | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'boolean':
      return bytes.length === 1 ? bytes[0] !== 0 : null;
    case 'int':
    case 'date':
      return bytes.length === 4 ? view.getInt32(0, true) : null;
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      if (bytes.length === 8) return view.getBigInt64(0, true);
      // A column promoted from int keeps the four-byte bounds of its older files.
      return bytes.length === 4 && type === 'long' ? BigInt(view.getInt32(0, true)) : null;
    case 'float':
      return bytes.length === 4 ? view.getFloat32(0, true) : null;
    case 'double':
      if (bytes.length === 8) return view.getFloat64(0, true);
      return bytes.length === 4 ? view.getFloat32(0, true) : null;
    case 'string':
      return new TextDecoder().decode(bytes);
    default:
      return bytes;
  }
}

/** Order of two values of one type, as Iceberg's bounds are ordered: strings by code point, bytes unsigned. */
export function compareSingleValues(a: SingleValue, b: SingleValue): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function littleEndian(size: number, set: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  set(new DataView(bytes.buffer));
  return bytes;
}

/** An Avro decimal is sign-extended to its fixed size; a bound is the shortest two's complement form. */
function shortestDecimal(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1) {
    const [first, next] = [bytes[start]!, bytes[start + 1]!];
    const redundant = (first === 0x00 && next < 0x80) || (first === 0xff && next >= 0x80);
    if (!redundant) break;
    start += 1;
  }
  return bytes.slice(start);
}
