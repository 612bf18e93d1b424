/** What may be wrapped around a source of records. */
export const COMPRESSIONS = ['gzip', 'zstd', 'bzip2', 'zip'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const ENDINGS: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  gzip: 'gzip',
  zst: 'zstd',
  zstd: 'zstd',
  bz2: 'bzip2',
  zip: 'zip',
};

/** Of `tickets.jsonl.gz?v=2`: gzip, around `tickets.jsonl`. */
export function compressionOfName(name: string): { compression: Compression | null; inner: string } {
  const path = name.split(/[?#]/)[0] ?? '';
  const dot = path.lastIndexOf('.');
  const ending = dot === -1 ? '' : path.slice(dot + 1).toLowerCase();
  const compression = Object.hasOwn(ENDINGS, ending) ? (ENDINGS[ending] ?? null) : null;
  return { compression, inner: compression === null ? path : path.slice(0, dot) };
}

/** By the first bytes of a file, none of which text can begin with, `BZh` and a digit apart: a record never does. */
export function compressionOfBytes(head: Uint8Array): Compression | null {
  const at = (index: number) => head[index] ?? -1;
  if (at(0) === 0x1f && at(1) === 0x8b) return 'gzip';
  if (isZstd(at)) return 'zstd';
  if (isZip(at)) return 'zip';
  const isBzip2 = at(0) === 0x42 && at(1) === 0x5a && at(2) === 0x68 && at(3) >= 0x31 && at(3) <= 0x39;
  return isBzip2 ? 'bzip2' : null;
}

/** A first member, or the end of an archive without one. */
function isZip(at: (index: number) => number): boolean {
  if (at(0) !== 0x50 || at(1) !== 0x4b) return false;
  return (at(2) === 3 && at(3) === 4) || (at(2) === 5 && at(3) === 6);
}

/** A frame, or a skippable frame, which parallel writers put first. */
function isZstd(at: (index: number) => number): boolean {
  if (at(0) === 0x28 && at(1) === 0xb5 && at(2) === 0x2f && at(3) === 0xfd) return true;
  return at(0) >= 0x50 && at(0) <= 0x5f && at(1) === 0x2a && at(2) === 0x4d && at(3) === 0x18;
}
