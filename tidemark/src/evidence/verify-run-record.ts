import { isDeepStrictEqual } from 'node:util';
import type { RunRow } from '../catalog/runs.ts';
import type { EvidenceKind, SealedEntry } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';

/** Whether the catalog's account of a run is the one that was sealed, and every entry is there. Pure. */
export function* verifyRunRecord(
  run: RunRow,
  { entries, next }: { entries: readonly SealedEntry[]; next: string },
): Generator<EvidenceFinding> {
  const subject = `run ${run.runId}`;
  const kinds = entries.map(({ kind }) => kind);
  for (const kind of expectedKinds(run)) {
    if (kinds.includes(kind)) continue;
    yield {
      kind: 'not_sealed',
      subject,
      message: `${subject} of ${run.manifestId} is ${run.state}${run.proven ? ' and proven' : ''}, and the chain has no ${kind} entry of it.`,
      expected: `a ${kind} entry`,
      found: kinds.length === 0 ? 'no entry' : kinds.join(', '),
      next,
    };
  }
  const differing = differences(run, entries);
  if (differing.length > 0) {
    yield {
      kind: 'run_record_altered',
      subject,
      message: `The catalog's account of ${subject} is not the one that was sealed (${differing.join(', ')}).`,
      expected: 'what its entries say',
      found: `other values of ${differing.join(', ')}`,
      next,
    };
  }
}

function expectedKinds({ state, proven }: RunRow): EvidenceKind[] {
  if (state === 'running') return [];
  return proven ? ['run', 'reconciliation'] : ['run'];
}

const COLUMNS = [
  'manifestId',
  'manifestHash',
  'batchId',
  'traceId',
  'retryOf',
  'state',
  'startedAt',
  'endedAt',
] as const satisfies readonly (keyof RunRow)[];

/** Names of what differs. Bodies that are no JSON any more are told by their hash. */
function differences(run: RunRow, entries: readonly SealedEntry[]): string[] {
  const sealed = entries.find(({ kind }) => kind === 'run');
  const account = objectIn(sealed?.body)?.report as Record<string, unknown> | undefined;
  if (account === undefined) return [];
  const columns = COLUMNS.filter((name) => !isDeepStrictEqual(run[name], account[name]));
  const result = objectIn(run.result);
  if (result === null) return [...columns, 'result'];
  const proof = objectIn(entries.find(({ kind }) => kind === 'reconciliation')?.body);
  const whole = proof === null ? account : { ...account, reconciliation: proof.reconciliation };
  // A run that died has a note for an account; the entry says more of it.
  const expected =
    'note' in result ? Object.fromEntries(Object.keys(result).map((name) => [name, whole[name]])) : whole;
  return isDeepStrictEqual(result, expected) ? columns : [...columns, 'result'];
}

function objectIn(text: string | null | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
