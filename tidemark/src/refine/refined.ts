import type { Contract, Violation } from '../contract/contract.ts';
import type { Encoding } from '../model/declared-format.ts';
import type { Digest } from '../model/digest.ts';
import type { Limits } from '../model/limits.ts';
import type { NullCursor } from '../model/manifest-settings.ts';
import type { RecordTally } from '../model/tally.ts';
import type { RecordFormat } from './formats/decoding.ts';

/** A window over one ordered property; half-open, start closed. Records outside it are counted, not stored. */
export interface RecordWindow {
  readonly field: string;
  readonly startAt: string | null;
  readonly endBefore: string | null;
  /** Of a source that sorts: where this reading ended, inclusive. Not what records are cut by. */
  readonly through?: string | null;
  /** What becomes of a record without a value of the field; absent: it is rejected. */
  readonly nullCursor?: Exclude<NullCursor, 'reject'>;
}

export type Lane = 'compiled' | 'explaining';

/** What refining one landed asset needs. Everything that decides content is in here: no clock, no ids, no randomness. */
export interface RefineInput {
  /** Absolute path of the verified raw object. */
  readonly path: string;
  readonly contract: Contract;
  readonly window: RecordWindow | null;
  /** How records stand in it; lines of JSON where it is absent. */
  readonly records?: RecordFormat;
  /** Of the source, for telling what is no text in it: the stream itself is UTF-8. */
  readonly encoding?: Encoding;
  /** An empty folder for this unit's scratch files; the caller removes it. */
  readonly scratchDir: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /**
   * Which lane judges; by default the compiled one, wherever it can prove a record of the contract. Rows, fingerprints,
   * outcomes and reasons are the same.
   */
  readonly lane?: Lane;
  onProgress?(bytes: number, records: number): void;
  /**
   * Of an object that is refined by stretches: each one once it and all before it are done, in the order of the source.
   * Its accepted parts are whoever's it was told to from then on. What is thrown ends the refining.
   */
  onStretch?(stretch: RefinedStretch): void;
}

/** Lines of an object that follow one another, refined; numbered as those of the whole. */
export type RefinedStretch = Pick<
  RefinedUnit,
  'acceptedParts' | 'fingerprintsPaths' | 'longestLineBytes' | 'accepted' | 'eventTime'
>;

/** One rejected record or line. */
export interface Rejection {
  /** 1-based line of the source; null for an asset row. */
  readonly line: number | null;
  /** Byte offset and length of the payload in the raw object: the payload reference. */
  readonly offset: number;
  readonly length: number;
  /** Of the canonical record where it parsed, else the domain-separated hash of the line's bytes. 32 hex. */
  readonly fingerprint: string;
  readonly violations: readonly Violation[];
}

/**
 * Scratch files of one refined unit. Text files of one JSON object a line:
 * - accepted: the contract's columns by column name (timestamps `YYYY-MM-DD HH:MM:SS.ffffff+00`, dates `YYYY-MM-DD`,
 *   `json` columns as JSON text in a string, absent and null alike null), plus `record_line`, `record_offset`,
 *   `record_fingerprint`. In the order of the source. A part is closed at `limits.partBytesMax`.
 * - rejects: those rejected and those quarantined, a `Rejection` in snake case (`record_line`, `record_offset`, `record_length`, `record_fingerprint`,
 *   `violations`), in the order of the source.
 * - outOfWindow: `record_line`, `record_offset`, `record_fingerprint`, `cursor_value`.
 * And CSV without a head:
 * - fingerprints: `record_fingerprint`, `record_line`, `record_offset` of every accepted record, in the order of the
 *   source, so that looking for duplicates need not read the parts. One file a stretch; none for an asset row.
 * A file with no line is not made.
 */
export interface UnitFiles {
  readonly acceptedParts: readonly string[];
  readonly fingerprintsPaths: readonly string[];
  readonly rejectsPath: string | null;
  readonly outOfWindowPath: string | null;
  /** Bytes of the longest JSON line in them, its newline included: what whoever reads them has to be able to hold. */
  readonly longestLineBytes: number;
}

export interface RefinedUnit extends UnitFiles {
  /** `duplicate` is 0 here: `accepted` still holds the duplicates, found later against batch and history. */
  readonly tally: RecordTally;
  /** Digest of everything read, taken at the decoder, before any outcome is known. */
  readonly read: Digest;
  /** Digest per outcome, taken at the judge. `accepted` still includes duplicates. */
  readonly accepted: Digest;
  readonly rejected: Digest;
  readonly quarantined: Digest;
  readonly outOfWindow: Digest;
  /** Valid records that the window's field gives no place in the order, whatever became of them. */
  readonly withoutCursor: number;
  /** Greatest value of the window's field among in-window records, accepted or rejected, or null. */
  readonly cursorMax: string | null;
  /** Range of the contract's event time among accepted rows, in the scratch form; null if none has one. */
  readonly eventTime: { readonly min: string; readonly max: string; readonly missing: number } | null;
}
