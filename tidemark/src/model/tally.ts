/** How a record of a source ends. Exactly one of these per record read; blank lines are counted apart. */
export const RECORD_OUTCOMES = ['accepted', 'duplicate', 'out_of_window', 'quarantined', 'rejected'] as const;
export type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** A record that is kept apart stands among the rejects under this rule, which tells it from a rejected one. */
export const QUARANTINED_RULE = 'cursor_quarantined';

/** How a declared asset ends. */
export const ASSET_OUTCOMES = ['committed', 'already_committed', 'held', 'refused', 'failed'] as const;
export type AssetOutcome = (typeof ASSET_OUTCOMES)[number];

/** The record ledger. It closes when `read` equals the sum of the outcomes. */
export type RecordTally = Readonly<Record<RecordOutcome | 'read' | 'blank', number>>;

/** The asset ledger. It closes when `declared` equals the sum of the outcomes. Never added up with the records. */
export type AssetTally = Readonly<Record<AssetOutcome | 'declared', number>>;

export const EMPTY_RECORDS: RecordTally = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  out_of_window: 0,
  quarantined: 0,
  rejected: 0,
  blank: 0,
};

export function sumRecords(tallies: Iterable<RecordTally>): RecordTally {
  const total = { ...EMPTY_RECORDS };
  for (const tally of tallies) {
    for (const key of Object.keys(total) as (keyof RecordTally)[]) total[key] += tally[key];
  }
  return total;
}

export function tallyAssets(outcomes: readonly AssetOutcome[], declared: number): AssetTally {
  const tally = { declared, committed: 0, already_committed: 0, held: 0, refused: 0, failed: 0 };
  for (const outcome of outcomes) tally[outcome] += 1;
  return tally;
}

/** `read − Σ outcomes`: zero when the account closes. */
export function recordImbalance(tally: RecordTally): number {
  return tally.read - RECORD_OUTCOMES.reduce((sum, outcome) => sum + tally[outcome], 0);
}

export function assetImbalance(tally: AssetTally): number {
  return tally.declared - ASSET_OUTCOMES.reduce((sum, outcome) => sum + tally[outcome], 0);
}
