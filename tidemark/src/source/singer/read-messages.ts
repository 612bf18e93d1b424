import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { ERROR_CODES } from '../../errors/codes.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import type { ExactObject, ExactValue } from '../../model/exact-number.ts';
import { isInside } from '../../model/is-inside.ts';
import { parseExact } from '../../model/parse-exact.ts';
import { TapFailure } from './tap-failure.ts';

export interface Messages {
  /** What the stream that was selected is called. */
  readonly names: ReadonlySet<string>;
  readonly lineBytesMax: number;
  /** Folders that the files of a BATCH may be in. */
  readonly batchesIn: readonly string[];
}

const STATE_BYTES_MAX = 1024 * 1024;

/**
 * The records of a stream as canonical JSON lines, and the last STATE as the value that the generator returns; null where
 * none came. A record of another stream, or one before its SCHEMA, is a fault of the tap: passed over it would be lost.
 * @throws TapFailure
 */
export async function* readMessages(
  output: AsyncIterable<Buffer>,
  messages: Messages,
): AsyncGenerator<string, string | null> {
  const { names, lineBytesMax } = messages;
  let described = false;
  let state: string | null = null;
  let number = 0;
  for await (const line of linesOf(output, lineBytesMax)) {
    number += 1;
    if (line.trim() === '') continue;
    const where = `message ${number}`;
    const message = objectOf(line, where);
    switch (message.type) {
      case 'SCHEMA':
        described ||= names.has(String(message.stream));
        break;
      case 'RECORD':
        expectStream(message, { names, described, where });
        if (!isObject(message.record)) throw protocol(`${where} is a RECORD without a record`);
        yield `${canonicalJson(message.record)}\n`;
        break;
      case 'BATCH':
        expectStream(message, { names, described, where });
        yield* batchLines(message, { ...messages, where });
        break;
      case 'STATE':
        state = canonicalJson(message.value ?? {});
        if (state.length > STATE_BYTES_MAX)
          throw protocol(`${where} is a STATE of more than ${STATE_BYTES_MAX} bytes`);
        break;
      // Says which version of a whole table the records belong to: absence deletes nothing here.
      case 'ACTIVATE_VERSION':
        break;
      default:
        throw protocol(
          `${where} is of no type of the Singer specification: ${String(message.type).slice(0, 40)}`,
        );
    }
  }
  return state;
}

function expectStream(
  message: ExactObject,
  { names, described, where }: { names: ReadonlySet<string>; described: boolean; where: string },
): void {
  if (!names.has(String(message.stream)))
    throw protocol(
      `${where} belongs to stream ${String(message.stream).slice(0, 80)}, which was not selected`,
    );
  if (!described) throw protocol(`${where} comes before the SCHEMA of its stream`);
}

/** Records that a tap put into files of JSON lines beside its output. */
async function* batchLines(
  message: ExactObject,
  { batchesIn, lineBytesMax, where }: Messages & { where: string },
): AsyncGenerator<string> {
  const { encoding, manifest } = message;
  const { format, compression = 'none' } = isObject(encoding) ? encoding : {};
  if (format !== 'jsonl' || (compression !== 'gzip' && compression !== 'none'))
    throw protocol(
      `${where} is a BATCH of ${String(format)}, ${String(compression)}; jsonl with gzip or none is read`,
    );
  for (const place of Array.isArray(manifest) ? (manifest as ExactValue[]) : []) {
    const path = await placeOf(place, { batchesIn, where });
    const file = createReadStream(path);
    const bytes = compression === 'gzip' ? file.pipe(createGunzip()) : file;
    file.once('error', (error) => bytes.destroy(error));
    try {
      for await (const line of linesOf(bytes, lineBytesMax))
        if (line.trim() !== '') yield `${canonicalJson(objectOf(line, `a line of a file of ${where}`))}\n`;
    } catch (error) {
      if (error instanceof TapFailure) throw error;
      throw protocol(`a file of ${where} cannot be read: ${(error as Error).message}`);
    }
  }
}

async function placeOf(
  place: ExactValue,
  { batchesIn, where }: { batchesIn: readonly string[]; where: string },
): Promise<string> {
  const text = typeof place === 'string' ? place : '';
  const path = text.startsWith('file://') ? await realpath(fileURLToPath(text)).catch(() => null) : null;
  const folders = await Promise.all(batchesIn.map((folder) => realpath(folder)));
  if (path === null || !folders.some((folder) => isInside(folder, path)))
    throw protocol(`${where} is a BATCH with a file that is not in the project or in the tap’s own folder`);
  return path;
}

async function* linesOf(chunks: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let begin = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, begin)) {
      rest.push(chunk.subarray(begin, end));
      yield textOf(Buffer.concat(rest));
      rest = [];
      restBytes = 0;
      begin = end + 1;
    }
    if (begin < chunk.length) rest.push(chunk.subarray(begin));
    restBytes += chunk.length - begin;
    if (restBytes > lineBytesMax) throw protocol(`a message is longer than ${lineBytesMax} bytes`);
  }
  if (restBytes > 0) yield textOf(Buffer.concat(rest));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw protocol('a message is no UTF-8');
  }
}

function objectOf(line: string, where: string): ExactObject {
  try {
    const value = parseExact(line);
    if (isObject(value)) return value;
  } catch {
    // Told below, without what the parser repeats of the line.
  }
  throw protocol(`${where} is no JSON object`);
}

function isObject(value: ExactValue | undefined): value is ExactObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value.constructor === Object;
}

function protocol(what: string): TapFailure {
  return new TapFailure(`its output cannot be taken: ${what}`, { code: ERROR_CODES.tap_output_refused });
}
