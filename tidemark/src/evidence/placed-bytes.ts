import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { holdCopies } from '../landing/store/copies.ts';
import { stretchesOf } from '../landing/store/stretches.ts';
import { type Decoding, decodedChunks, isDecoded, PLAIN } from '../refine/formats/decoding.ts';
import type { DecodeLimits } from '../refine/formats/decompress.ts';

/** The bytes that places of records count in: those of a stored object, or what they are decoded to. */
export interface PlacedBytes {
  /** Shorter than asked at the end. */
  read(place: { offset: number; length: number }): Promise<Buffer>;
  close(): Promise<void>;
}

/** How the object of a unit was decoded when it was refined; as it is where the catalog knows nothing of it. */
export async function decodingOfUnit(catalog: CatalogReader, unitKey: string): Promise<Decoding> {
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .orderBy('prepared_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const decoding = row && decodeUnit(row.prepared).observed.decoding;
  return (decoding as Decoding | undefined) ?? PLAIN;
}

export async function openPlaced({
  path,
  decoding,
  limits,
  signal,
}: {
  path: string;
  decoding: Decoding;
  limits: DecodeLimits;
  signal: AbortSignal;
}): Promise<PlacedBytes> {
  if (!isDecoded(decoding)) return await stretchesOf(path);
  const held = await holdCopies([path]);
  const decoded = decodedBytes(() => decodedChunks({ path, ...decoding, limits, signal }));
  return {
    read: decoded.read,
    close: async () => {
      await decoded.close();
      await held[Symbol.asyncDispose]();
    },
  };
}

/** Goes forward only, and begins anew for a place in front of the last one; it holds what was asked for, and one chunk. */
function decodedBytes(begin: () => AsyncGenerator<Buffer>): PlacedBytes {
  let chunks = begin();
  let held: Buffer = Buffer.alloc(0);
  let start = 0;
  const next = async () => {
    const { value, done } = await chunks.next();
    return done === true ? null : value;
  };
  return {
    async read({ offset, length }) {
      if (offset < start) {
        await chunks.return(undefined);
        [chunks, held, start] = [begin(), Buffer.alloc(0), 0];
      }
      for (;;) {
        const passed = Math.min(offset - start, held.length);
        held = held.subarray(passed);
        start += passed;
        if (start === offset) break;
        const chunk = await next();
        if (chunk === null) return Buffer.alloc(0);
        held = chunk;
      }
      const parts = [held];
      for (let have = held.length; have < length; ) {
        const chunk = await next();
        if (chunk === null) break;
        parts.push(chunk);
        have += chunk.length;
      }
      if (parts.length > 1) held = Buffer.concat(parts);
      return held.subarray(0, length);
    },
    close: async () => void (await chunks.return(undefined)),
  };
}
