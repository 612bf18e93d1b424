const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes of a record as text that can be shown anywhere: what is no legal UTF-8, and control characters except tab, as
 * `\xNN` (a terminal would obey some of them). `escaped` says whether anything was written so.
 */
export function readableText(bytes: Uint8Array): { readonly text: string; readonly escaped: boolean } {
  let escaped = false;
  const mark = (codes: Iterable<number>) => {
    escaped = true;
    return Array.from(codes, (code) => `\\x${code.toString(16).padStart(2, '0')}`).join('');
  };
  const tame = (text: string) =>
    text.replaceAll(/\p{Cc}/gu, (control) => (control === '\t' ? control : mark([control.charCodeAt(0)])));
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const end = endOfLegal(bytes, at);
    if (end > at) text += tame(STRICT.decode(bytes.subarray(at, end)));
    if (end < bytes.length) text += mark(bytes.subarray(end, end + 1));
    at = end + 1;
  }
  return { text, escaped };
}

/** Where the legal UTF-8 that begins at `at` ends: the place of the first byte that fits no sequence, or the end. */
function endOfLegal(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length) {
    const length = sequenceLength(bytes, end);
    if (length === 0) break;
    end += length;
  }
  return end;
}

/** Bytes of the well-formed sequence at `at`, 0 where there is none (Unicode, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const [low, high] = SECOND_BYTE.get(first) ?? [0x80, 0xbf];
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte < (index === 1 ? low : 0x80) || byte > (index === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** Narrower second bytes: overlong forms, surrogates and code points beyond U+10FFFF are not legal. */
const SECOND_BYTE: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);
