/**
 * Rows as canonical JSON lines, in pieces of at most `chunkBytes` and one line more: what `RowReading.chunks` gives.
 * Members are in the order of their names; whole numbers beyond 2^53 are given as `bigint` and keep every digit.
 * @throws the signal's reason once it is given
 */
export async function* jsonLines(
  rows: Iterable<Row> | AsyncIterable<Row>,
  { chunkBytes, signal }: { readonly chunkBytes: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let bytes = 0;
  for await (const row of rows) {
    signal.throwIfAborted();
    const line = `${jsonText(row)}\n`;
    lines.push(line);
    bytes += Buffer.byteLength(line);
    if (bytes < chunkBytes) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
    bytes = 0;
  }
  signal.throwIfAborted();
  if (bytes > 0) yield Buffer.from(lines.join(''));
}

export type Row = Readonly<Record<string, unknown>>;

function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null || 'toJSON' in value)
    return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`).join(',')}}`;
}
