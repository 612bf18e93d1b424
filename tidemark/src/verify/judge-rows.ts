import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { Symptom, SymptomKind } from '../incident/symptom.ts';
import { ANCHOR_NAMES, type AnchorName } from '../model/anchors.ts';
import { type Digest, digestsEqual, formatDigest, mergeDigests } from '../model/digest.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { LedgerRow } from './ledger.ts';
import { replay } from './mending.ts';
import type { AnchoredRows } from './read-rows.ts';

/** What a unit's rows in one table have to be. */
export interface ExpectedRows {
  readonly table: string;
  readonly unit: PreparedUnit;
  readonly manifestId: string;
  readonly batchId: string;
  readonly anchors: Readonly<Record<AnchorName, string>>;
  readonly digest: Digest;
}

/** What was found of one unit's rows in one table. */
export interface FoundRows {
  readonly expected: ExpectedRows;
  /** In the files that the unit claims. */
  readonly rows: readonly AnchoredRows[];
  /** In live files that no unit claims: rows that another engine moved, or wrote once more. */
  readonly strays: readonly LedgerRow[];
  /** Claimed files that the table's head does not list, and those that it lists more than once. */
  readonly unlisted: number;
  readonly listedTwice: number;
  /** Command that makes the table what it was before another engine wrote to it; null where none did last. */
  readonly setBack: string | null;
}

/** Pure: rows that are missing, doubled, others than committed, or without their anchors. */
export function* judgeRows(found: FoundRows): Generator<Symptom> {
  const { expected, rows, strays } = found;
  const own = mergeDigests(rows.map(({ digest }) => digest));
  const moved = mergeDigests(
    strays.map(({ records, sum }) => ({ count: Number(records), sum: BigInt(`0x${sum}`) })),
  );
  yield* judgeDigest(found, { own, all: mergeDigests([own, moved]) });
  const missing = sumOf(rows, ({ anchors, sourceId }) =>
    [...Object.values(anchors), sourceId].includes(null),
  );
  const differing = sumOf(rows, ({ anchors, sourceId }) => {
    const named = ANCHOR_NAMES.some((name) => {
      const value = anchors[name];
      return value !== null && value !== expected.anchors[name];
    });
    return named || (sourceId !== null && sourceId !== expected.unit.sourceId);
  });
  const of = `rows of ${expected.unit.sourceId} in bronze.${expected.table}`;
  if (missing > 0)
    yield symptom(found, {
      kind: 'anchor_missing',
      message: `${missing} ${of} lack an anchor.`,
      facts: { missing },
    });
  if (differing > 0) {
    const message = `${differing} ${of} bear an anchor that does not lead to their unit.`;
    yield symptom(found, { kind: 'anchor_dangling', message, facts: { differing } });
  }
}

function* judgeDigest(found: FoundRows, { own, all }: { own: Digest; all: Digest }): Generator<Symptom> {
  const { expected, unlisted, listedTwice, strays, setBack } = found;
  const undone = setBack !== null && { suggestion: setBack };
  const { digest, table, unit } = expected;
  const of = `${unit.sourceId} in batch ${expected.batchId}`;
  const facts = { expected: formatDigest(digest), found: formatDigest(all), unlisted, listedTwice };
  const same = (a: Digest, b: Digest) =>
    table === QUARANTINE_TABLE ? a.count === b.count : digestsEqual(a, b);
  if (listedTwice > 0) {
    const message = `bronze.${table} lists ${listedTwice} data files of ${of} more than once: readers see their rows doubled.`;
    yield { ...symptom(found, { kind: 'unit_doubled', message, facts }), ...undone };
    return;
  }
  if (same(all, digest)) return;
  if (all.count < digest.count) {
    const message = `bronze.${table} holds ${all.count} of the ${digest.count} rows that ${of} committed.`;
    yield { ...symptom(found, { kind: 'rows_missing', message, facts }), ...(unlisted > 0 && undone) };
    return;
  }
  if (all.count === digest.count) {
    const message = `bronze.${table} holds ${all.count} rows of ${of}, and they are others than the ones committed: their fingerprints sum up differently.`;
    yield symptom(found, { kind: 'bronze_cells_differ', message, facts });
    return;
  }
  const times = digest.count === 0 ? 0 : all.count / digest.count;
  const whole =
    Number.isInteger(times) &&
    same(all, mergeDigests(Array.from({ length: Math.min(times, 1000) }, () => digest)));
  // Once more in files of another engine: the unit's own are right, and the other snapshot is what has to go.
  const foreign = same(own, digest) && strays.length > 0;
  const message = whole
    ? `bronze.${table} holds all ${digest.count} rows of ${of} ${times} times.`
    : `bronze.${table} holds ${all.count} rows of ${of}, ${all.count - digest.count} more than were committed.`;
  yield {
    ...symptom(found, { kind: whole ? 'unit_doubled' : 'rows_doubled', message, facts }),
    ...(foreign && undone),
  };
}

function sumOf(rows: readonly AnchoredRows[], is: (row: AnchoredRows) => boolean): number {
  return rows.filter(is).reduce((sum, { digest }) => sum + digest.count, 0);
}

function symptom(
  { expected: { manifestId, batchId, table, unit } }: FoundRows,
  told: { kind: SymptomKind; message: string; facts: Readonly<Record<string, unknown>> },
): Symptom {
  return {
    ...told,
    facts: { ...told.facts, units: [unit.unitKey] },
    manifestId,
    batchId,
    sourceId: unit.sourceId,
    table,
    runId: unit.preparedBy,
    distinction: `unit ${unit.unitKey.slice(0, 16)}`,
    query: `SELECT count(*), count(DISTINCT record_line) FROM bronze.${table} WHERE unit_key = '${unit.unitKey}'`,
    suggestion: replay({ manifestId, batchId }),
  };
}
