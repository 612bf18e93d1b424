import { type Digest, EMPTY_DIGEST, formatDigest, mergeDigests } from '../model/digest.ts';
import type { NullCursor } from '../model/manifest-settings.ts';
import { decodeTagged, encodeTagged } from '../model/tagged-json.ts';
import type { RecordTally } from '../model/tally.ts';
import type { Census } from '../progress/census.ts';
import type { RecordWindow } from '../refine/refined.ts';
import type { LateRecords } from './count-late.ts';
import type { DataFile } from './iceberg/data-file.ts';
import type { ObservedSchema } from './observed-schema.ts';

/**
 * Data files of one table, in their final place and durable. No snapshot names them before the commit; after it, they are
 * where the unit's rows are found, and maintenance that moves rows says here where to.
 */
export interface PreparedFiles {
  readonly table: string;
  readonly files: readonly DataFile[];
  readonly records: number;
  /** Columns they were written with (name and field id): another layout at commit means preparing again. */
  readonly layout: string;
  /** Compacted: the files hold rows of other units too, and `records` counts this unit's own. */
  readonly shared?: true;
}

export interface UnitDigests {
  readonly read: Digest;
  readonly accepted: Digest;
  readonly duplicate: Digest;
  readonly out_of_window: Digest;
  readonly rejected: Digest;
  /** Absent where no record is. */
  readonly quarantined?: Digest;
}

/** Of a unit's digests as refining tells them. */
export function quarantinedDigest(quarantined: Digest): Pick<UnitDigests, 'quarantined'> {
  return quarantined.count === 0 ? {} : { quarantined };
}

export interface WithoutCursor {
  readonly field: string;
  readonly policy: NullCursor;
  readonly records: number;
}

/** One asset, refined and written, waiting for the commit. Recorded in the catalog, so that a crash costs no re-work. */
export interface PreparedUnit {
  readonly unitKey: string;
  readonly table: string;
  readonly sourceId: string;
  /** The part of a source of many that it was made of; absent for a source that is one. */
  readonly split?: string;
  readonly sourceFingerprint: string;
  readonly window: string;
  /** The window as it was cut by; null for none. Units of earlier releases lack it. */
  readonly recordWindow?: RecordWindow | null;
  readonly contractRef: string;
  readonly contractHash: string;
  readonly preparedBy: string;
  /** Of the manifest, where the rows tell what it declares (asset rows, decisions); null for records. */
  readonly manifestHash: string | null;
  readonly files: readonly PreparedFiles[];
  readonly tally: RecordTally;
  readonly digests: UnitDigests;
  /** Head of `table` that the records were deduplicated against; null for none. */
  readonly dedupedAgainst: string | null;
  /** Whether its records are deduplicated against history (record units) or by unit alone (asset rows, decisions). */
  readonly deduplicates: boolean;
  /**
   * Units of the batch whose records count as keepers of its duplicates, in order, each with the run that prepared it:
   * only beside these is it of use.
   */
  readonly batchMates: readonly string[];
  readonly eventTime: { readonly min: string; readonly max: string; readonly missing: number } | null;
  readonly cursor: { readonly field: string; readonly value: string; readonly location: string } | null;
  /** The latest event time that it holds; the commit takes the declared lateness off. */
  readonly watermark: { readonly field: string; readonly value: string } | null;
  /** What its records were like; absent for one row an asset, and for units of earlier releases. */
  readonly observedSchema?: ObservedSchema;
  /** Of a source that sorts: rows of each window that have been read, once this unit is committed. */
  readonly census?: Census;
  /** Of an incremental unit: what of it came late. */
  readonly late?: LateRecords;
  /** Of an incremental unit: valid records that its cursor field gives no place in the order, and what became of them. */
  readonly withoutCursor?: WithoutCursor;
  /** What was seen in the bytes, for the evidence. */
  readonly observed: Readonly<Record<string, unknown>>;
}

export function encodeUnit(unit: PreparedUnit): string {
  return encodeTagged(unit);
}

export function decodeUnit(text: string): PreparedUnit {
  return decodeTagged(text) as PreparedUnit;
}

export function sumDigests(units: readonly PreparedUnit[]): UnitDigests {
  const sum = (key: keyof UnitDigests) =>
    mergeDigests(units.map((unit) => unit.digests[key] ?? EMPTY_DIGEST));
  return {
    read: sum('read'),
    accepted: sum('accepted'),
    duplicate: sum('duplicate'),
    out_of_window: sum('out_of_window'),
    rejected: sum('rejected'),
    ...quarantinedDigest(sum('quarantined')),
  };
}

export type DigestTexts = { readonly [Outcome in keyof UnitDigests]: string };

export function formatDigests(digests: UnitDigests): DigestTexts {
  return Object.fromEntries(
    Object.entries(digests).map(([key, digest]) => [key, formatDigest(digest)]),
  ) as unknown as DigestTexts;
}
