import { canonicalDecimal, canonicalJson } from '../../model/canonical-json.ts';
import { ExactNumber, type ExactValue } from '../../model/exact-number.ts';
import { inChunks } from '../in-chunks.ts';

export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as canonical JSON lines, in pieces of at most `chunkBytes` and one line more: what `RowReading.chunks` gives. A whole
 * number beyond 2^53 is given as a `bigint` and keeps every digit; a member that is undefined is left out.
 * @throws the signal's reason once it is given; TypeError for a value that JSON has no form for
 */
export function jsonLines(
  rows: Iterable<Row> | AsyncIterable<Row>,
  { chunkBytes, signal }: { readonly chunkBytes: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  return inChunks(linesOf(rows, signal), chunkBytes);
}

async function* linesOf(
  rows: Iterable<Row> | AsyncIterable<Row>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  signal.throwIfAborted();
  for await (const row of rows) {
    signal.throwIfAborted();
    yield `${canonicalJson(exactOf(row, ''))}\n`;
  }
}

function exactOf(value: unknown, at: string): ExactValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return new ExactNumber(canonicalDecimal(String(value)));
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'object':
      if (value === null) return null;
      if ('toJSON' in value && typeof value.toJSON === 'function') return exactOf(value.toJSON(), at);
      if (Array.isArray(value)) return value.map((item, index) => exactOf(item, `${at}/${index}`));
      return Object.fromEntries(
        Object.entries(value).flatMap(([name, member]) =>
          member === undefined ? [] : [[name, exactOf(member, `${at}/${name}`)]],
        ),
      );
  }
  throw new TypeError(`a row has ${String(value)} at ${at || 'its top'}, which JSON has no form for`);
}
