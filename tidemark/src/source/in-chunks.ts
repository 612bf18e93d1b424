/** Lines, each with its end, in pieces of at most `chunkBytes` characters and one line more. */
export async function* inChunks(
  lines: Iterable<string> | AsyncIterable<string>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < chunkBytes) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
