/**
 * Lines, each with its end, in pieces of at most `chunkBytes` characters and one line more. Those that come together are
 * waited for together: a promise for each line costs more than its text.
 */
export async function* inChunks(
  lines: Iterable<string> | AsyncIterable<string | readonly string[]>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const some of lines) {
    for (const line of typeof some === 'string' ? [some] : some) {
      text += line;
      if (text.length < chunkBytes) continue;
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}
