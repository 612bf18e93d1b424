/**
 * JSON that keeps what plain JSON loses: integers beyond 2^53, bytes and maps, each as an object with one reserved key.
 * For our own stored values only (prepared units); never for records.
 */
export function encodeTagged(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item === 'bigint') return { $int: String(item) };
    if (item instanceof Map) return { $map: [...item] };
    if (item instanceof Uint8Array) return { $bytes: Buffer.from(item).toString('base64') };
    // Buffer.prototype.toJSON runs before a replacer sees the value.
    if (item?.type === 'Buffer' && Array.isArray(item.data))
      return { $bytes: Buffer.from(item.data).toString('base64') };
    return item;
  });
}

export function decodeTagged(text: string): unknown {
  return JSON.parse(text, (_key, item) => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$int' in item) return BigInt(item.$int);
    if ('$map' in item) return new Map(item.$map);
    if ('$bytes' in item) return new Uint8Array(Buffer.from(item.$bytes, 'base64'));
    return item;
  });
}
