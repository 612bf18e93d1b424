import type { CatalogReader, CatalogTransaction } from '../catalog/catalog.ts';
import type { RunRow } from '../catalog/runs.ts';
import { fingerprintOf } from '../catalog/runs.ts';
import type { SealedEntry } from '../evidence/chain.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { verifyRunRecord } from '../evidence/verify-run-record.ts';
import { commitContradictions } from './commit-contradictions.ts';
import type { Contradiction } from './contradiction.ts';
import type { ReadTable } from './table-files.ts';
import { unitContradictions } from './unit-contradictions.ts';

/** A run as the catalog and the evidence tell of it. */
export interface ToldRun {
  readonly runId: string;
  /** Null: the catalog has no such run. */
  readonly run: RunRow | null;
  readonly entries: readonly SealedEntry[];
  /** Its sealed account; null for a run that sealed none, or whose entry is no JSON any more. */
  readonly report: Partial<RunReport> | null;
}

export function toldRun({ runId, run, entries }: Omit<ToldRun, 'report'>): ToldRun {
  const body = entries.find(({ kind }) => kind === 'run')?.body;
  return { runId, run, entries, report: body === undefined ? null : reportIn(body) };
}

function reportIn(body: string): Partial<RunReport> | null {
  try {
    return (JSON.parse(body) as { report?: Partial<RunReport> }).report ?? null;
  } catch {
    return null;
  }
}

/** Everything about one run that the catalog tells otherwise than its sealed entries do. */
export async function* contradictionsOf(
  catalog: CatalogReader,
  { told, tables }: { told: ToldRun; tables: readonly ReadTable[] },
): AsyncGenerator<Contradiction> {
  yield* runContradictions(told);
  const { report } = told;
  if (report === null || report.state !== 'committed') return;
  const whole = report as RunReport;
  yield* commitContradictions(catalog, { report: whole, tables });
  yield* unitContradictions(catalog, whole);
}

function* runContradictions(told: ToldRun): Generator<Contradiction> {
  const { runId, run, entries, report } = told;
  const base = {
    sourceId: null,
    table: null,
    distinction: `run ${runId}`,
    query: nextCommand('evidence', 'show', runId),
    suggestion: null,
  };
  if (run === null) {
    if (report === null) return;
    const message = `Run ${runId} is sealed in the evidence, and the catalog does not have it.`;
    yield { ...base, message, facts: {}, mend: async (tx) => await insertRun(tx, told) };
    return;
  }
  for (const { kind, message, expected, found } of verifyRunRecord(run, { entries, next: '' })) {
    if (kind === 'not_sealed' && report === null) continue; // The evidence is what is missing.
    const facts = { expected, found };
    yield { ...base, message, facts, mend: async (tx) => await restoreRun(tx, told) };
  }
  const verb = report?.recovery?.verb ?? (report?.recovery === null ? 'run' : undefined);
  if (verb !== undefined && verb !== run.verb) {
    const message = `Run ${runId} was a ${verb} by its sealed account; the catalog says ${run.verb}.`;
    yield {
      ...base,
      message,
      facts: { sealed: verb, found: run.verb },
      mend: async (tx) => await restoreRun(tx, told),
    };
  }
}

/** The columns of a run as its entries tell them. */
function sealedColumns({ entries, report }: ToldRun) {
  if (report === null) throw new RangeError('only a sealed run is restored');
  const proof = entries.find(({ kind }) => kind === 'reconciliation');
  const account =
    proof === undefined
      ? report
      : {
          ...report,
          reconciliation: (JSON.parse(proof.body) as Pick<RunReport, 'reconciliation'>).reconciliation,
        };
  // A run that died sealed a note with the columns of its row.
  const dead = report as Partial<RunReport> & { note?: string };
  const result =
    dead.note === undefined
      ? JSON.stringify(account)
      : JSON.stringify({ runId: dead.runId, state: dead.state, note: dead.note });
  return {
    manifest_id: report.manifestId ?? '',
    manifest_hash: report.manifestHash ?? '',
    batch_id: report.batchId ?? '',
    trace_id: report.traceId ?? '',
    retry_of: report.retryOf ?? null,
    state: report.state ?? ('interrupted' as const),
    started_at: report.startedAt ?? '',
    ended_at: report.endedAt ?? null,
    result,
    source_fingerprint: fingerprintOf(result),
    proven: proof === undefined ? 0 : 1,
    ...(report.recovery !== undefined && {
      verb: report.recovery?.verb ?? ('run' as const),
      parent_run_id: report.recovery?.parentRunId ?? null,
      plan_id: report.recovery?.planId ?? null,
    }),
  };
}

async function insertRun(tx: CatalogTransaction, told: ToldRun): Promise<void> {
  await tx
    .insertInto('runs')
    .values({ run_id: told.runId, parent_run_id: null, plan_id: null, ...sealedColumns(told) })
    .execute();
}

async function restoreRun(tx: CatalogTransaction, told: ToldRun): Promise<void> {
  await tx.updateTable('runs').set(sealedColumns(told)).where('run_id', '=', told.runId).execute();
}
