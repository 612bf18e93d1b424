import type { AssetResult, SplitResult } from '../evidence/asset-result.ts';
import type { AssetOutcome } from '../model/tally.ts';
import { sumRecords } from '../model/tally.ts';
import type { AssetWork, RunContext } from './run-context.ts';
import { splitsFingerprint } from './unit-identity.ts';

/** An asset of many splits ends as the first of these that any of them ended as. */
const DECIDES: readonly AssetOutcome[] = ['failed', 'committed', 'held', 'refused', 'already_committed'];

/** Findings of single splits that are repeated for the whole; the splits have them all. */
const FINDINGS_MAX = 8;

/** How each declared asset ended, in the order of the manifest: the splits of one source together. Pure. */
export function assetResults(works: readonly AssetWork[], notes: RunContext['notes']): AssetResult[] {
  const groups = Map.groupBy(works, ({ declared }) => declared.ledgerKey);
  return [...groups].map(([key, group]) => {
    const note = notes.get(key) ?? null;
    const [only, ...others] = group;
    const whole = only !== undefined && others.length === 0 && only.declared.file.split === '';
    return whole ? withNote(only.result, note) : together(group, note);
  });
}

function withNote(result: AssetResult, note: string | null): AssetResult {
  return note === null ? result : { ...result, note: [result.note, note].filter(Boolean).join('; ') };
}

function together(group: readonly AssetWork[], note: string | null): AssetResult {
  const results = group.map(({ result }) => result);
  const outcome = DECIDES.find((one) => results.some((result) => result.outcome === one)) ?? 'failed';
  const deciding = results.find((result) => result.outcome === outcome);
  if (deciding === undefined) throw new RangeError('an asset has at least one split');
  const [first] = group;
  const read = results.flatMap(({ records }) => records ?? []);
  const splits = group.flatMap(({ declared, result }) =>
    declared.file.split === '' ? [] : [splitResult(declared.file.split, result)],
  );
  return {
    ...deciding,
    declaredPath: first?.declared.admission.asset.source_url_or_path ?? deciding.declaredPath,
    findings: results.flatMap(({ findings }) => findings).slice(0, FINDINGS_MAX),
    sourceFingerprint: fingerprintOf(splits),
    sizeBytes: results.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    unitKey: null,
    records: read.length === 0 ? null : sumRecords(read),
    ...lateOf(results),
    ...withoutCursorOf(results),
    reused: null,
    note: [countsOf(splits), note].filter(Boolean).join('; '),
    splits,
  };
}

function withoutCursorOf(results: readonly AssetResult[]): Pick<AssetResult, 'withoutCursor'> {
  const all = results.flatMap(({ withoutCursor }) => withoutCursor ?? []);
  const [first] = all;
  if (first === undefined) return {};
  return { withoutCursor: { ...first, records: all.reduce((total, { records }) => total + records, 0) } };
}

/** The splits of one source stood to one cursor. */
function lateOf(results: readonly AssetResult[]): Pick<AssetResult, 'late'> {
  const all = results.flatMap(({ late }) => late ?? []);
  const [first] = all;
  if (first === undefined) return {};
  const sum = (key: 'within' | 'behind') => all.reduce((total, late) => total + late[key], 0);
  return { late: { ...first, within: sum('within'), behind: sum('behind') } };
}

/** Null where a split could not be read: a sum of the rest would stand for something else. */
function fingerprintOf(splits: readonly SplitResult[]): string | null {
  const known = splits.flatMap(({ split, sourceFingerprint }) =>
    sourceFingerprint === null ? [] : [{ split, sourceFingerprint }],
  );
  return known.length === splits.length && known.length > 0 ? splitsFingerprint(known) : null;
}

/** `4 files: 1 committed, 3 already committed` */
function countsOf(splits: readonly SplitResult[]): string {
  const counts = DECIDES.map((outcome) => {
    const count = splits.filter((split) => split.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome.replaceAll('_', ' ')}`];
  });
  return `${splits.length} ${splits.length === 1 ? 'file' : 'files'}: ${counts.flat().join(', ')}`;
}

function splitResult(split: string, result: AssetResult): SplitResult {
  const { outcome, sourceFingerprint, sizeBytes, unitKey, records, committedBy, note, findings } = result;
  return { split, outcome, sourceFingerprint, sizeBytes, unitKey, records, committedBy, note, findings };
}
