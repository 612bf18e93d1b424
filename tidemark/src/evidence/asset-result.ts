import type { LateRecords } from '../bronze/count-late.ts';
import type { WithoutCursor } from '../bronze/prepared-unit.ts';
import type { AdmissionReason } from '../gate/admission.ts';
import type { Judgement } from '../manifest/source-manifest.ts';
import type { NullCursor } from '../model/manifest-settings.ts';
import type { AssetOutcome, RecordTally } from '../model/tally.ts';
import type { CensusGap } from '../progress/census.ts';

/** What became of records without a cursor, as a person is told it. */
export const BY_POLICY: Readonly<Record<NullCursor, string>> = {
  reject: 'rejected (null_cursor: reject)',
  quarantine: 'kept apart (null_cursor: quarantine)',
  include: 'came in (null_cursor: include), read again with every reading',
};

/** Something found about an asset that decided its outcome. */
export interface Finding {
  /** Stable name, such as `checksum_mismatch`, `type_mismatch`, `source_unreadable`. */
  readonly rule: string;
  readonly message: string;
  readonly expected: string;
  readonly received: string;
}

/** How one declared asset ended in one run: what the report, the evidence and `show` tell of it. */
export interface AssetResult {
  readonly sourceId: string;
  readonly declaredPath: string;
  readonly assetType: string;
  readonly contractRef: string;
  /** Bronze table, null where the contract could not be loaded. */
  readonly table: string | null;
  readonly judgement: Judgement;
  readonly reasons: readonly AdmissionReason[];
  readonly outcome: AssetOutcome;
  readonly findings: readonly Finding[];
  /** Null when the bytes could not be read. */
  readonly sourceFingerprint: string | null;
  readonly sizeBytes: number | null;
  readonly mediaType: string | null;
  readonly unitKey: string | null;
  /** The record ledger of the unit; null where no record was read in this run. */
  readonly records: RecordTally | null;
  /** The run that committed this content: this one, or the earlier one that makes it a skip. */
  readonly committedBy: string | null;
  /**
   * What was there already: a prepared unit of an interrupted run, the raw object, or (asked for, nothing was read then) the
   * sum of a file whose size, time and inode are what they were.
   */
  readonly reused: 'prepared_unit' | 'raw_object' | 'remembered_sum' | null;
  readonly note: string | null;
  readonly next: string | null;
  /** Accepted records that lie behind where the cursor stood before the run; absent where none could. */
  readonly late?: LateRecords;
  /** Valid records that the cursor field gives no place in the order, and what became of them; absent where all have one. */
  readonly withoutCursor?: WithoutCursor;
  /** Intervals of a source that sorts that hold rows behind its cursor that no reading has brought. */
  readonly gaps?: readonly (CensusGap & { readonly field: string; readonly query: string })[];
  /** Of a source of many, each for itself; the fields above sum them up. Absent for a source that is one. */
  readonly splits?: readonly SplitResult[];
}

/** How one split of an asset ended in one run. */
export type SplitResult = Pick<
  AssetResult,
  'outcome' | 'sourceFingerprint' | 'sizeBytes' | 'unitKey' | 'records' | 'committedBy' | 'note' | 'findings'
> & { readonly split: string };

export type UnitResult = AssetResult & { readonly split?: string };

/** An asset with a unit of its own, or each of its splits as if it were one. */
export function unitResults(asset: AssetResult): UnitResult[] {
  const { splits, ...whole } = asset;
  return splits === undefined ? [asset] : splits.map((split) => ({ ...whole, ...split }));
}
