const UNKNOWN_SIZES: ReadonlySet<number> = new Set([0, 0xffffffff]);
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const SIZE_MAX = 0xffffffff;

/**
 * The head of a WAV file that was written to a pipe, with the sizes that its writer could not know put in; any other
 * head as it is. Such files hold 0 or 2^32-1 for the length of the file and of the samples, which run to the file's end;
 * MediaInfo takes the numbers at their word and answers with a length of millions of years, or calls them truncated.
 */
export function completeWaveHead(head: Uint8Array, fileBytes: number): Uint8Array {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (!isWave(head)) return head;
  if (!UNKNOWN_SIZES.has(view.getUint32(4, true)) || fileBytes - CHUNK_HEADER_BYTES >= SIZE_MAX) return head;

  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= head.length; ) {
    const size = view.getUint32(at + 4, true);
    if (nameAt(head, at) === 'data') {
      if (!UNKNOWN_SIZES.has(size)) return head;
      const complete = Uint8Array.from(head);
      const sizes = new DataView(complete.buffer);
      sizes.setUint32(4, fileBytes - CHUNK_HEADER_BYTES, true);
      sizes.setUint32(at + 4, fileBytes - at - CHUNK_HEADER_BYTES, true);
      return complete;
    }
    // Chunks are padded to even lengths.
    at += CHUNK_HEADER_BYTES + size + (size % 2);
  }
  return head;
}

export function isWave(head: Uint8Array): boolean {
  return head.length >= RIFF_HEADER_BYTES && nameAt(head, 0) === 'RIFF' && nameAt(head, 8) === 'WAVE';
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
