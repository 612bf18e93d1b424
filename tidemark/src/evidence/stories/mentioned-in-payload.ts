import type { DataEngine } from '../../bronze/data-engine.ts';
import { objectKey } from '../../landing/home.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Payload, PayloadReader } from '../payload.ts';
import { asReject, type RejectRow, rejectsIn } from '../rejects.ts';
import { PREFIX_CHARS_MIN } from './find-anchors.ts';
import { type FoundSkip, findSkips } from './find-skips.ts';

/** What a business id is looked for in: the payloads of records that are in no table, read from raw in their order. */
export interface PayloadSearch {
  readonly engine: DataEngine;
  readonly payloads: PayloadReader;
  readonly text: string;
  /** Properties that may hold the id. */
  readonly idProperties: readonly string[];
}

export async function* rejectsMentioning(
  search: PayloadSearch,
  paths: readonly string[],
): AsyncGenerator<RejectRow> {
  if (paths.length === 0) return;
  for await (const row of rejectsIn(search.engine, { paths, where: ['record_length IS NOT NULL'] })) {
    const reject = asReject(row);
    const { payloadRef: ref, unitKey, offset, length } = reject;
    if (offset === null || length === null) continue;
    if (mentions(search, await search.payloads.read({ ref, unitKey, offset, length }))) yield reject;
  }
}

/** Duplicates are found by the fingerprint of the record that was kept. */
export async function* skipsMentioning(
  search: PayloadSearch,
  paths: readonly string[],
): AsyncGenerator<FoundSkip> {
  for await (const skip of findSkips(search.engine, { paths, where: "outcome = 'out_of_window'" })) {
    const ref = objectKey('raw', skip.sourceFingerprint);
    if (mentions(search, await search.payloads.readLine({ ref, ...skip }))) yield skip;
  }
}

/** A record that can be read must bear the id as one of its own; one that cannot be read need only contain it. */
function mentions({ text, idProperties }: PayloadSearch, payload: Payload): boolean {
  if (payload.kind === 'unavailable') return false;
  const bytes = Buffer.from(payload.bytes.buffer, payload.bytes.byteOffset, payload.bytes.length);
  if (!bytes.includes(text) && !bytes.includes(JSON.stringify(text))) return false;
  try {
    const record: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(record) && idProperties.some((name) => record[name] === text);
  } catch {
    // A shorter text stands in too many a broken line.
    return text.length >= PREFIX_CHARS_MIN && standsAlone(bytes.toString('utf8'), text);
  }
}

/** Between quotes, or as a whole field of delimited text. */
function standsAlone(payload: string, text: string): boolean {
  const isEdge = (character: string | undefined) =>
    character === undefined || /[^\p{L}\p{N}_.:-]/u.test(character);
  for (let at = payload.indexOf(text); at !== -1; at = payload.indexOf(text, at + 1))
    if (isEdge(payload[at - 1]) && isEdge(payload[at + text.length])) return true;
  return false;
}
