import {
  type PreparedFiles,
  type PreparedUnit,
  sumDigests,
  type UnitDigests,
} from '../bronze/prepared-unit.ts';
import { type Digest, digestsEqual, formatDigest, mergeDigests } from '../model/digest.ts';
import type { RejectThreshold } from '../model/manifest-settings.ts';
import {
  type AssetTally,
  assetImbalance,
  type RecordTally,
  recordImbalance,
  sumRecords,
} from '../model/tally.ts';

/** What will be added to one table. */
export interface TableAddition {
  readonly table: string;
  readonly files: readonly PreparedFiles[];
  readonly records: number;
  /** URIs of data files that go out in the same snapshot; none for an append. */
  readonly removes: ReadonlySet<string>;
}

/** A decision, and a value: it can be shown, stored and compared before anything is done. */
export type CommitPlan =
  | {
      readonly kind: 'commit';
      readonly tables: readonly TableAddition[];
      /** Tables that nothing is added to, and that hold what records were dropped for. */
      readonly comparedWith: readonly string[];
      readonly tally: RecordTally;
      readonly digests: UnitDigests;
    }
  /** Everything declared is already committed, held or refused as before. */
  | { readonly kind: 'nothing' }
  /** An asset failed: the batch waits, its prepared units are kept. */
  | { readonly kind: 'blocked'; readonly failed: number }
  /** More records are rejected than the manifest's threshold admits: nothing of the batch is committed. */
  | { readonly kind: 'withheld'; readonly rejected: number; readonly read: number }
  /** The sums do not close: never to be committed. */
  | { readonly kind: 'account_open'; readonly gaps: readonly string[] };

/**
 * The commit's preconditions: both ledgers close, per unit and in total, and the digest of everything read is the sum
 * of the digests of its outcomes.
 */
export function planCommit({
  units,
  assets,
  removes = new Map(),
  threshold = null,
}: {
  units: readonly PreparedUnit[];
  assets: AssetTally;
  /** By table: what a replacing run takes out. */
  removes?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of the rejected records among those that are new. */
  threshold?: RejectThreshold | null;
}): CommitPlan {
  const gaps = [...accountGaps({ units, assets })];
  if (gaps.length > 0) return { kind: 'account_open', gaps };
  if (assets.failed > 0) return { kind: 'blocked', failed: assets.failed };
  if (units.length === 0 && removes.size === 0) return { kind: 'nothing' };
  const tally = sumRecords(units.map((unit) => unit.tally));
  const { rejected, read } = tally;
  if (isOver(threshold, tally)) return { kind: 'withheld', rejected, read };
  const added = units.flatMap((unit) => unit.files.map((entry) => entry.table));
  const names = [...new Set([...added, ...removes.keys()])].sort();
  const tables = names.map((table) => {
    const files = units.flatMap((unit) => unit.files.filter((entry) => entry.table === table));
    const records = files.reduce((sum, entry) => sum + entry.records, 0);
    return { table, files, records, removes: removes.get(table) ?? new Set() };
  });
  return {
    kind: 'commit',
    tables,
    comparedWith: comparedAlone(units, names),
    tally,
    digests: sumDigests(units),
  };
}

/** A batch all of whose records were in a table already does not touch it, and still rests on its rows. */
function comparedAlone(units: readonly PreparedUnit[], touched: readonly string[]): string[] {
  const compared = units.flatMap(({ deduplicates, tally, table }) =>
    deduplicates && tally.duplicate > 0 && !touched.includes(table) ? [table] : [],
  );
  return [...new Set(compared)].sort();
}

function isOver(threshold: RejectThreshold | null, { rejected, read }: RecordTally): boolean {
  if (threshold === null) return false;
  return threshold.kind === 'records'
    ? rejected > threshold.records
    : rejected * 100 > threshold.percent * read;
}

function* accountGaps({
  units,
  assets,
}: {
  units: readonly PreparedUnit[];
  assets: AssetTally;
}): Generator<string> {
  const missing = assetImbalance(assets);
  if (missing !== 0) yield `assets: ${assets.declared} declared, ${assets.declared - missing} accounted for`;
  for (const unit of units) {
    const lost = recordImbalance(unit.tally);
    if (lost !== 0)
      yield `${unit.sourceId}: ${unit.tally.read} records read, ${unit.tally.read - lost} accounted for`;
    const { read, ...outcomes } = unit.digests;
    const sum = mergeDigests(Object.values(outcomes));
    if (!digestsEqual(read, sum)) yield digestGap(unit.sourceId, { read, sum });
    // A written file holds what its statistics count: accepted rows, rejections, skips.
    const written = unit.files.reduce((records, entry) => records + entry.records, 0);
    const expected = unit.tally.read + (unit.tally.read === 0 ? written : 0);
    if (written !== expected) yield `${unit.sourceId}: ${unit.tally.read} records read, ${written} written`;
  }
  const total = recordImbalance(sumRecords(units.map((unit) => unit.tally)));
  if (total !== 0) yield `records in total: off by ${total}`;
}

function digestGap(sourceId: string, { read, sum }: { read: Digest; sum: Digest }): string {
  return `${sourceId}: digest of what was read ${formatDigest(read)}, of its outcomes ${formatDigest(sum)}`;
}
