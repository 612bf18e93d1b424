import type { Violation } from '../contract/contract.ts';
import type { Encoding } from '../model/declared-format.ts';
import type { ExactObject } from '../model/exact-number.ts';
import type { JsonValue } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { fingerprintOf, fingerprintOfBytes } from './fingerprint.ts';
import { lineTooLong, parseRecord } from './parse-record.ts';
import type { LineBatch, ReadLine } from './split-lines.ts';

/** Where a line's payload stands in the raw object, and what it is known by. */
export interface LinePlace {
  readonly line: number;
  readonly offset: number;
  readonly length: number;
  /** Of the canonical record without its lineage, or of the bytes of a line that is no record. */
  readonly fingerprint: string;
}

export type DecodedLine =
  | {
      readonly kind: 'record';
      readonly place: LinePlace;
      readonly value: ExactObject;
      readonly plain: JsonValue;
    }
  | { readonly kind: 'malformed'; readonly place: LinePlace; readonly violation: Violation };

export interface DecodeRules {
  /** Of the source, before it was decoded. */
  readonly encoding?: Encoding | undefined;
  readonly limits: Pick<Limits, 'lineBytesMax' | 'recordDepthMax'>;
  /** See `compileCanonicalRecord`. */
  canonical(record: ExactObject, escapeFree: boolean): string;
}

/** Reads one line and names it, before anything is known of its outcome. */
export function decodeLine(
  batch: Pick<LineBatch, 'bytes'>,
  line: ReadLine,
  { limits, canonical, encoding }: DecodeRules,
): DecodedLine {
  const { number, offset } = line;
  if (line.kind === 'faulty') {
    const { length, fingerprint, violation } = line;
    return { kind: 'malformed', place: { line: number, offset, length, fingerprint }, violation };
  }
  if (line.kind === 'overlong') {
    const { length, fingerprint } = line;
    const place = { line: number, offset, length, fingerprint };
    return { kind: 'malformed', place, violation: lineTooLong(length, limits) };
  }
  const payload = batch.bytes.subarray(line.start, line.end);
  const { length = payload.length } = line;
  const parsed = parseRecord(payload, limits, encoding);
  if (parsed.kind === 'rejected') {
    const fingerprint = fingerprintOfBytes(payload);
    return {
      kind: 'malformed',
      place: { line: number, offset, length, fingerprint },
      violation: parsed.violation,
    };
  }
  const { value, plain, escapeFree } = parsed;
  const fingerprint = fingerprintOf(canonical(value, escapeFree));
  return { kind: 'record', place: { line: number, offset, length, fingerprint }, value, plain };
}
