import { hash } from 'node:crypto';
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataEngine, openDataEngine, sqlText } from '../tidemark/src/bronze/data-engine.ts';
import { openTable } from '../tidemark/src/bronze/open-table.ts';
import { decodeUnit, encodeUnit, type PreparedUnit } from '../tidemark/src/bronze/prepared-unit.ts';
import { contractTable, type TableDefinition } from '../tidemark/src/bronze/table-definitions.ts';
import { pathOf } from '../tidemark/src/bronze/table-io.ts';
import { writeDataFiles } from '../tidemark/src/bronze/write-data-files.ts';
import { openSqliteCatalog } from '../tidemark/src/catalog/open-sqlite.ts';
import { markUnitCommitted, recordPreparedUnit } from '../tidemark/src/catalog/units.ts';
import { commitBatch } from '../tidemark/src/commit/commit-batch.ts';
import { planCommit } from '../tidemark/src/commit/plan-commit.ts';
import { loadContracts } from '../tidemark/src/contract/load-contracts.ts';
import { homeAt } from '../tidemark/src/landing/home.ts';
import { maintainAfterRun } from '../tidemark/src/maintain/after-run.ts';
import type { MaintenanceEngine } from '../tidemark/src/maintain/maintenance-engine.ts';
import { anchorValues } from '../tidemark/src/model/anchors.ts';
import { DEFAULT_LIMITS } from '../tidemark/src/model/limits.ts';
import { tallyAssets } from '../tidemark/src/model/tally.ts';
import { openTidemark } from '../tidemark/src/open-tidemark.ts';
import { SYSTEM_CLOCK } from '../tidemark/src/run/clock.ts';
import { declareTickets, plainTicket } from './ticket-manifest.ts';

const ENGINE_BATCHES = 50;

export interface SmallBatches {
  readonly engine: MaintenanceEngine;
  readonly table: string;
  commit(number: number): Promise<{ commitSeconds: number; upkeepSeconds: number; cpuSeconds: number }>;
  close(): Promise<void>;
}

/**
 * A project whose one table takes batch after batch of two records. The first comes in by a run; the others are its rows
 * under other names, written before the clock starts, so that what is measured is the commit and nothing before it.
 */
export async function commitSmallBatches({ root }: { root: string }): Promise<SmallBatches> {
  const first = await firstUnit(root);
  const home = homeAt(join(root, '.tidemark'));
  const catalog = openSqliteCatalog({ path: home.catalogPath, readOnly: false });
  const engine: MaintenanceEngine = {
    catalog,
    home,
    limits: DEFAULT_LIMITS,
    partitionBy: {},
    clock: SYSTEM_CLOCK,
    signal: new AbortController().signal,
    reached: () => undefined,
  };
  const contracts = await loadContracts({ dir: join(root, 'contracts/data'), limits: DEFAULT_LIMITS });
  const reading = contracts.get(first.contractRef);
  if (reading.kind !== 'contract') throw new Error(`no contract ${first.contractRef}`);
  const definition = contractTable(reading.contract);
  const { table } = first;
  const open = async () => await openDataEngine({ spillDir: join(root, 'spill'), limits: DEFAULT_LIMITS });
  let duck = await open();
  // The first unit's own file goes once it is compacted.
  const rows = join(root, 'rows.parquet');
  const [file] = first.files.flatMap((entry) => entry.files);
  if (file === undefined) throw new Error('the first unit has no files');
  await copyFile(pathOf(file.uri), rows);
  return {
    engine,
    table,
    commit: async (number) => {
      // A kept DuckDB grows with what it has written.
      if (number % ENGINE_BATCHES === 0) {
        await duck[Symbol.asyncDispose]();
        duck = await open();
      }
      const unit = await renamed({ engine, first, rows, definition, duck }, number);
      const used = process.cpuUsage();
      const began = performance.now();
      await commitUnit(engine, { unit, number, definition });
      const committed = performance.now();
      const done = await maintainAfterRun(engine, [table]);
      if (done?.kind === 'failed') throw new Error(done.message);
      const { user, system } = process.cpuUsage(used);
      return {
        commitSeconds: (committed - began) / 1000,
        upkeepSeconds: (performance.now() - committed) / 1000,
        cpuSeconds: (user + system) / 1e6,
      };
    },
    close: async () => {
      await duck[Symbol.asyncDispose]();
      await catalog.destroy();
    },
  };
}

async function commitUnit(
  engine: MaintenanceEngine,
  of: { unit: PreparedUnit; number: number; definition: TableDefinition },
): Promise<void> {
  const { unit, number, definition } = of;
  const { unitKey, preparedBy } = unit;
  const plan = planCommit({ units: [unit], assets: tallyAssets(['committed'], 1) });
  if (plan.kind !== 'commit') throw new Error(`not to be committed: ${JSON.stringify(plan)}`);
  const now = engine.clock.now().toISOString();
  const anchors = anchorsOf({ number, runId: preparedBy });
  const { manifestId, batchId } = anchors;
  await recordPreparedUnit(engine.catalog, {
    ...unit,
    manifestId,
    batchId,
    tableName: unit.table,
    preparedAt: now,
    prepared: encodeUnit(unit),
  });
  await commitBatch(engine, {
    plan,
    definitions: new Map([[definition.name, definition]]),
    anchors,
    revision: 1,
    window: 'whole',
    cursors: {},
    watermarks: {},
    preparedBy: [preparedBy],
    tag: null,
    onAttempt: () => undefined,
    inspect: () => undefined,
    isFresh: async () => true,
    foldsInto: new Set(),
    openEngine: async () => {
      throw new Error('nothing is folded');
    },
    record: async (tx, [committed]) => {
      if (committed === undefined) throw new Error('no table was committed');
      await markUnitCommitted(tx, { unitKey, preparedBy, runId: preparedBy, now });
      await tx
        .insertInto('commits')
        .values({
          table_name: committed.table,
          manifest_id: manifestId,
          batch_id: batchId,
          revision: 1,
          run_id: preparedBy,
          snapshot_id: committed.snapshotId,
          parent_snapshot_id: committed.parentSnapshotId,
          metadata_location: committed.metadataLocation,
          added_records: committed.addedRecords,
          committed_at: now,
          total_records: committed.totalRecords,
          total_files: committed.totalFiles,
        })
        .execute();
    },
  });
}

/** The unit under another key and run, in a file of its own whose rows bear both. */
async function renamed(
  {
    engine,
    first,
    rows,
    definition,
    duck,
  }: {
    engine: MaintenanceEngine;
    /** Parquet of the rows. */
    rows: string;
    first: PreparedUnit;
    definition: TableDefinition;
    duck: DataEngine;
  },
  number: number,
): Promise<PreparedUnit> {
  const { catalog, home } = engine;
  const table = await openTable({ catalog, home, definition, partitionBy: [], now: engine.clock.now() });
  const [unitKey, runId] = [hash('sha256', `unit ${number}`), SYSTEM_CLOCK.newRunId()];
  const anchors = anchorsOf({ number, runId });
  const own = { ...anchorValues(anchors), unit_key: unitKey };
  const constants = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, sqlText(value)]));
  const files = await writeDataFiles(duck, {
    table,
    select: `SELECT * EXCLUDE (${Object.keys(own).join(', ')}) FROM read_parquet(${sqlText(rows)})`,
    constants,
    anchors,
    unitKey,
    part: 0,
    scratchDir: home.scratchDir(runId),
  });
  await rm(home.scratchDir(runId), { recursive: true });
  const [entry] = first.files;
  if (entry === undefined) throw new Error('the first unit has no files');
  return { ...first, unitKey, preparedBy: runId, files: [{ ...entry, files }] };
}

function anchorsOf({ number, runId }: { number: number; runId: string }) {
  const batchId = `batch-${number}`;
  return {
    manifestId: 'manifest-small-20260401-001',
    batchId,
    runId,
    sourceFingerprint: hash('sha256', batchId),
    traceId: 'f'.repeat(32),
  };
}

async function firstUnit(root: string): Promise<PreparedUnit> {
  await cp(join(import.meta.dirname, '../contracts/data'), join(root, 'contracts/data'), { recursive: true });
  await mkdir(join(root, 'data/seed_manifests'), { recursive: true });
  const tickets = [1, 2].map((number) =>
    plainTicket({
      number,
      customer: `customer-${number}`,
      at: new Date(Date.UTC(2026, 3, 1, 10, number)),
    }),
  );
  await declareTickets(root, { name: 'first', tickets });
  await using tidemark = await openTidemark({ project: root });
  const { runs } = await tidemark.run();
  if (runs[0]?.state !== 'committed') throw new Error(JSON.stringify(runs[0]?.failure ?? runs));
  const catalog = openSqliteCatalog({ path: join(root, '.tidemark/catalog.db'), readOnly: true });
  const row = await catalog.selectFrom('units').select('prepared').executeTakeFirstOrThrow();
  await catalog.destroy();
  return decodeUnit(row.prepared);
}
