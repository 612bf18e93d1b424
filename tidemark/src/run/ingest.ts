import { areUnitsFresh } from '../bronze/is-fresh.ts';
import {
  contractTable,
  QUARANTINE,
  REJECTS,
  SKIPS,
  type TableDefinition,
} from '../bronze/table-definitions.ts';
import { findBatch } from '../catalog/batches.ts';
import { assertLease } from '../catalog/leases.ts';
import { commitBatch } from '../commit/commit-batch.ts';
import type { CommittedTable } from '../commit/commit-request.ts';
import { type CommitPlan, planCommit } from '../commit/plan-commit.ts';
import type { FoldedTable } from '../commit/stage-fold.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError, InvariantError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { CurrentReport, RunReport } from '../evidence/run-report.ts';
import { recordSymptoms } from '../incident/record-symptoms.ts';
import type { Symptom } from '../incident/symptom.ts';
import { assertRoom } from '../landing/free-space.ts';
import { settingsOf } from '../model/manifest-settings.ts';
import { tallyAssets } from '../model/tally.ts';
import { furthest } from '../progress/furthest.ts';
import { settledBefore } from '../progress/settled.ts';
import { assetResults } from './asset-results.ts';
import { buildReport } from './build-report.ts';
import { discardPrepared } from './clear-leftovers.ts';
import { countAssets, type DeclaredAsset } from './declared-asset.ts';
import { endWithoutCommit } from './end-without-commit.ts';
import { foldWhatIsMissing, tablesToFold } from './fold-current.ts';
import { judgeForeign } from './judge-foreign.ts';
import { LandAhead } from './land-ahead.ts';
import { partReplaced } from './part-replaced.ts';
import { prepareUnit } from './prepare-unit.ts';
import { proveRun, proveUnproven } from './prove-run.ts';
import { recordCommit } from './record-commit.ts';
import { roomNeeded } from './room-needed.ts';
import type { AssetWork, RunContext } from './run-context.ts';
import { filesByTable, type RunPurpose } from './run-purpose.ts';
import { splitAssets } from './split-assets.ts';
import { takeAsset } from './take-asset.ts';
import { trustedSources } from './trust-source.ts';
import { type RunRequest, withRun } from './with-run.ts';

/**
 * One run of one manifest's batch. What it keeps true:
 * 1. Nothing of the batch is visible before its one commit, and all of it after.
 * 2. It commits only when both ledgers close and no asset failed; decisions (held, refused) are committed around.
 * 3. Content that is committed already is never committed again, whoever brings it.
 * 4. Stopped anywhere, the next run goes on from what is durable: raw objects, prepared units, the commit itself.
 * 5. Every run is sealed in the evidence chain, the ones that commit nothing and the ones that fail too.
 */
export async function ingest(request: RunRequest): Promise<RunReport> {
  return await withRun(request, async (opened) => {
    await opened.purpose.underLease();
    await proveUnproven(opened);
    const run = await partReplaced(opened);
    await splitAssets(run);
    const settling = request.trustsMtime ? withSettled(run, await trustedSources(run)) : run;
    await assertRoom(run.engine.home.dir, await roomNeeded(settling));
    await using ahead = new LandAhead(settling);
    for (const [position, declared] of run.parts.entries()) {
      ahead.advance(position);
      run.works.push(await takeAsset({ ...settling, ahead }, { declared, earlier: run.works }));
      if (run.parts[position + 1]?.ledgerKey !== declared.ledgerKey) tellEnded(run, declared);
    }
    const committed = await commit(run);
    if (committed !== null) return committed;
    const folded = await foldWhatIsMissing(run);
    const ended = await endWithoutCommit(run, {});
    // Told in the report, and no part of what is sealed: nothing was committed.
    return folded.length === 0 ? ended : { ...ended, current: folded.map(currentReport) };
  });
}

function withSettled(run: RunContext, found: RunPurpose['settled']): RunContext {
  return { ...run, purpose: { ...run.purpose, settled: new Map([...run.purpose.settled, ...found]) } };
}

function tellEnded(run: RunContext, { ledgerKey }: DeclaredAsset): void {
  const works = run.works.filter(({ declared }) => declared.ledgerKey === ledgerKey);
  for (const asset of assetResults(works, run.notes)) run.engine.onEvent({ kind: 'asset_ended', asset });
}

/** @returns null when there is nothing to commit, or when the batch has to wait. */
async function commit(run: RunContext): Promise<RunReport | null> {
  const { works } = run;
  const { latenessMs, rejectThreshold: threshold } = settingsOf(run.engine.manifestSettings, run.manifest);
  for (let round = 1; round <= run.engine.limits.commitAttemptsMax; round += 1) {
    const units = works.flatMap(({ unit }) => (unit === null ? [] : [unit]));
    const assets = tallyAssets(
      assetResults(works, run.notes).map(({ outcome }) => outcome),
      countAssets(run.assets),
    );
    const plan = planCommit({ units, assets, removes: filesByTable(run.purpose.replaces), threshold });
    refuseLoss(run, plan);
    if (plan.kind === 'account_open') {
      throw new InvariantError({
        code: ERROR_CODES.account_open,
        message: `The account of batch ${run.batchId} does not close: ${plan.gaps.join('; ')}.`,
        next: 'Nothing was committed. Keep the evidence folder and report this.',
        facts: { gaps: plan.gaps },
      });
    }
    if (plan.kind === 'withheld') throw withheld(run, plan);
    if (plan.kind !== 'commit') return null;
    const batch = await findBatch(run.engine.catalog, {
      manifestId: run.manifest.manifest_id,
      batchId: run.batchId,
    });
    const revision = (batch?.revision ?? 0) + 1;
    const report = buildReport(run, { works });
    let sealed: RunReport | null = null;
    let foreign = new Map<string, readonly Symptom[]>();
    const outcome = await commitBatch(run.engine, {
      plan,
      definitions: definitionsOf(works),
      anchors: { ...run, manifestId: report.manifestId, sourceFingerprint: report.sourceFingerprint },
      revision,
      window: report.window,
      cursors: progressOf(works, { kind: 'cursor', latenessMs: 0 }),
      watermarks: progressOf(works, { kind: 'watermark', latenessMs }),
      tag: run.purpose.replaces.length === 0 ? null : `before-${run.runId}`,
      foldsInto: tablesToFold(run),
      openEngine: run.openEngine,
      preparedBy: [...new Set(units.map((unit) => unit.preparedBy))],
      onAttempt: (attempt) => {
        foreign = new Map();
        run.engine.onEvent({ kind: 'committing', tables: plan.tables.map(({ table }) => table), attempt });
      },
      inspect: (table) =>
        foreign.set(table.definition.name, judgeForeign(table, run.engine.foreignSnapshots)),
      isFresh: async (table) => await areUnitsFresh({ table, units, openEngine: run.openEngine }),
      record: async (tx, tables, folded) => {
        const now = run.engine.clock.now().toISOString();
        sealed = {
          ...report,
          state: 'committed',
          endedAt: now,
          tables: tables.map(tableReport),
          ...(folded.length > 0 && { current: folded.map(currentReport) }),
        };
        await recordSymptoms(tx, { symptoms: [...foreign.values()].flat(), now });
        await recordCommit(tx, {
          home: run.engine.home,
          lease: run.lease,
          purpose: run.purpose,
          latenessMs,
          units,
          tables,
          report: sealed,
          revision,
          now,
        });
      },
    });
    if (outcome.kind === 'committed') return await proveRun(run, { runId: run.runId });
    await prepareAgain(run, outcome.tables);
  }
  throw movedTooOften(run);
}

/** A replacement that would leave much less than it takes away is never made on a run's own word. */
function refuseLoss(run: RunContext, plan: CommitPlan): void {
  const { recordsMin, replaces } = run.purpose;
  if (plan.kind !== 'commit' || plan.tally.read >= recordsMin) return;
  throw new ConflictError({
    code: ERROR_CODES.replacement_too_small,
    message: `${replaces.length} units would be replaced by ${plan.tally.read} records read; at least ${recordsMin} were expected.`,
    next: 'Nothing was changed. See why the source is smaller; if it is right so, plan again with --accept-loss.',
    facts: { read: plan.tally.read, recordsMin },
  });
}

/** A decision of the manifest, not a failure: what was prepared waits for a higher threshold, another source or contract. */
function withheld(
  run: RunContext,
  { rejected, read }: { rejected: number; read: number },
): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.batch_withheld,
    message: `${rejected} of the ${read} records of batch ${run.batchId} were rejected, more than its threshold admits. Nothing was committed.`,
    next: `${nextCommand('rejects', '--run', run.runId)} tells why. Mend the source or the contract, or raise reject_threshold, then run again.`,
    facts: { rejected, read },
  });
}

function movedTooOften(run: RunContext): ConflictError {
  return new ConflictError({
    code: ERROR_CODES.commit_conflict,
    message: `Other runs moved the tables of batch ${run.batchId} each time it was about to be committed.`,
    next: 'Run the same command again: landed work is kept.',
  });
}

/**
 * The history moved under prepared units: those of the moved tables are discarded and refined anew from raw. Also those
 * without a row in them, which may name as keeper what their neighbours no longer bring.
 */
async function prepareAgain(run: RunContext, tables: readonly string[]): Promise<void> {
  await assertLease(run.engine.catalog, run.lease);
  for (const [index, { unit, declared, landed }] of run.works.entries()) {
    if (unit === null || declared.contract === null || landed === null) continue;
    if (![unit.table, ...unit.files.map(({ table }) => table)].some((table) => tables.includes(table)))
      continue;
    await discardPrepared(run.engine, unit);
    run.works[index] = await prepareUnit(run, {
      declared,
      contract: declared.contract,
      bytes: landed,
      key: unit.unitKey,
      earlier: run.works.slice(0, index),
    });
  }
}

function definitionsOf(works: readonly AssetWork[]): Map<string, TableDefinition> {
  const contracts = works.flatMap(({ declared }) =>
    declared.contract === null ? [] : [contractTable(declared.contract)],
  );
  return new Map(
    [...contracts, REJECTS, SKIPS, QUARANTINE].map((definition) => [definition.name, definition]),
  );
}

function progressOf(
  works: readonly AssetWork[],
  { kind, latenessMs }: { kind: 'cursor' | 'watermark'; latenessMs: number },
): Record<string, string> {
  const positions = works.flatMap(({ unit }) => {
    const position = unit?.[kind];
    return position ? [{ ...position, field: `${unit?.table}/${unit?.sourceId}/${position.field}` }] : [];
  });
  return Object.fromEntries(
    furthest(positions).map(({ field, value }) => [field, settledBefore(value, latenessMs)]),
  );
}

function currentReport(folded: FoldedTable): CurrentReport {
  const { table, snapshotId, totalRecords, supersededRecords, deletedKeys } = folded;
  const deleted = deletedKeys === undefined ? {} : { deletedKeys };
  return { table, snapshotId, totalRecords, supersededRecords, ...deleted };
}

function tableReport(table: CommittedTable): RunReport['tables'][number] {
  const { snapshotId, addedRecords, totalRecords } = table;
  return { table: table.table, snapshotId, moved: true, addedRecords, totalRecords };
}
