import { join } from 'node:path';
import { findRun, markProven, unprovenRuns } from '../catalog/runs.ts';
import { sealEvidence } from '../evidence/chain.ts';
import { type Reconciliation, type TableFacts, withUnreadable } from '../evidence/reconcile.ts';
import { reconcileRun } from '../evidence/reconcile-run.ts';
import { recordWindows } from '../evidence/record-windows.ts';
import { recordedSettings } from '../evidence/recorded-settings.ts';
import { renderReport } from '../evidence/render-report.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { type EvidenceFiles, projectEntries, writeMarkdown } from '../evidence/write-evidence.ts';
import { writeRowFiles } from '../evidence/write-row-files.ts';
import { duplicatesLeftBy, duplicatesStillOrphaned } from '../incident/duplicates-without-keeper.ts';
import { collisionsOf } from '../incident/key-collisions.ts';
import { recordSymptoms, resolveAbsent } from '../incident/record-symptoms.ts';
import { symptomsOfRun } from '../incident/run-symptoms.ts';
import { resolveSettled } from '../incident/settle-run.ts';
import type { RunContext } from './run-context.ts';

type Prover = Pick<RunContext, 'engine' | 'openEngine'>;
type ProvenReport = RunReport & { readonly reconciliation: Reconciliation };

/** Runs of this manifest that committed and then stopped before their proof: proven first, by whoever comes next. */
export async function proveUnproven(run: RunContext): Promise<void> {
  for (const { runId } of await unprovenRuns(run.engine.catalog, run.manifest.manifest_id))
    await proveRun(run, { runId });
}

/**
 * Proves a committed run from the catalog and the tables alone: reads the committed snapshots back, reconciles, writes
 * the evidence folder, seals the result. Doing it twice gives the same folder and no second entry. A data file that was
 * lost since the commit fails the verdict and opens an incident; whoever comes next is not kept from its own work.
 */
export async function proveRun(prover: Prover, { runId }: { runId: string }): Promise<RunReport> {
  const { engine } = prover;
  const row = await findRun(engine.catalog, runId);
  if (row?.result == null) throw new RangeError(`run ${runId} has no result to prove`);
  const committed = JSON.parse(row.result) as RunReport;
  const { openEngine } = prover;
  const { reconciliation: readBack, tables } = await reconcileRun({
    archive: engine,
    openEngine,
    report: committed,
    hash: false,
  });
  await engine.reached('read_back');
  // A source with something to acknowledge would be told here, after the commit and before the proof is sealed.
  const { report, files } = await writeFolder(prover, { report: committed, readBack, tables });
  const { reconciliation } = report;
  const stored = { catalog: engine.catalog, openEngine };
  const left = await duplicatesLeftBy(stored, runId);
  const { still, sure } = await duplicatesStillOrphaned(stored, report);
  const collided = await collisionsOf({ ...engine, openEngine }, report);
  const settings = await recordedSettings(engine, [report.manifestId]);
  const { latenessMs } = settings.get(report.manifestId)!;
  await engine.catalog.transaction().execute(async (tx) => {
    if ((await findRun(tx, runId))?.proven) return;
    const now = engine.clock.now().toISOString();
    const body = { reconciliation, files };
    await markProven(tx, { runId, verdict: reconciliation.verdict });
    await recordWindows(tx, { runId, latenessMs, verdict: reconciliation.verdict, now });
    const found = symptomsOfRun(report);
    // The rest of them was recorded with the commit.
    const proven = found.filter(({ kind }) => kind === 'reconciliation_failed');
    await recordSymptoms(tx, { symptoms: [...left, ...proven, ...collided.found], now });
    await resolveSettled(tx, { report, found, now });
    await resolveAbsent(tx, {
      found: [...left, ...still, ...collided.found],
      covers: ({ kind, manifest_id, batch_id, table_name }) =>
        manifest_id === report.manifestId &&
        batch_id === report.batchId &&
        ((kind === 'duplicate_without_keeper' && sure) ||
          (kind === 'key_collision' && collided.sure.has(table_name ?? ''))),
      now,
      detail: { runId },
    });
    await tx
      .updateTable('runs')
      .set({ result: JSON.stringify(report) })
      .where('run_id', '=', runId)
      .execute();
    const { home } = engine;
    await sealEvidence(tx, { home, chain: report.manifestId, kind: 'reconciliation', runId, body, now });
  });
  await projectEntries({
    catalog: engine.catalog,
    runId,
    folder: join(engine.home.storeDir, report.evidenceDir),
  });
  await engine.reached('proven');
  return report;
}

/** What of the rows cannot be read is no reason to stop: the rest is proven, and the verdict says what is missing. */
async function writeFolder(
  prover: Prover,
  of: { report: RunReport; readBack: Reconciliation; tables: readonly TableFacts[] },
): Promise<{ report: ProvenReport; files: EvidenceFiles }> {
  await using duck = await prover.openEngine();
  const folder = join(prover.engine.home.storeDir, of.report.evidenceDir);
  const { listed, unreadable } = await writeRowFiles(duck, { folder, tables: of.tables });
  const report = { ...of.report, reconciliation: withUnreadable(of.readBack, unreadable) };
  return {
    report,
    files: { ...listed, ...(await writeMarkdown({ folder, markdown: renderReport(report) })) },
  };
}
