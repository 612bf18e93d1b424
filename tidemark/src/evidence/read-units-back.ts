import { type DataEngine, sqlList } from '../bronze/data-engine.ts';
import { digestColumns, foldLimbs } from '../bronze/deduplicate.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable, isRowOf } from '../bronze/unit-rows.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { isStray, outcomeIn } from './committed-rows.ts';
import type { TableFacts } from './reconcile.ts';

interface Ledger {
  readonly commit: {
    readonly table: string;
    readonly snapshotId: string;
    readonly manifestId: string;
    readonly batchId: string;
    readonly addedRecords: number;
  };
  readonly units: readonly PreparedUnit[];
}

/**
 * Reads what a commit brought back from where maintenance has put it: the ledger says which files, the rows say which of
 * theirs they are. So a run can be proven again however long its snapshot is gone.
 */
export async function readUnitsBack(engine: DataEngine, { commit, units }: Ledger): Promise<TableFacts> {
  const facts = { table: commit.table, snapshotId: commit.snapshotId, summaryRecords: commit.addedRecords };
  const files: TableFacts['files'][number][] = [];
  const digests: TableFacts['digests'][number][] = [];
  const unreadable = new Map<string, string>();
  let strayRows = 0;
  for (const unit of units) {
    for (const { uri, recordCount } of filesInTable(unit, commit.table)?.files ?? []) {
      const shared = filesInTable(unit, commit.table)?.shared === true;
      try {
        const read = await rowsIn(engine, { uri, unit, commit });
        const footerRecords = read.records;
        // A shared file's manifest counts the rows of others too.
        files.push({ uri, manifestRecords: shared ? footerRecords : recordCount, footerRecords });
        digests.push(...read.digests);
        strayRows += read.strayRows;
      } catch (error) {
        throwIfAway(error);
        unreadable.set(uri, (error as Error).message.split('\n')[0] ?? 'unknown');
        files.push({ uri, manifestRecords: shared ? 0 : recordCount, footerRecords: 0 });
      }
    }
  }
  return {
    ...facts,
    files,
    digests,
    strayRows,
    unreadable: [...unreadable].map(([uri, why]) => ({ uri, why })),
  };
}

async function rowsIn(
  engine: DataEngine,
  { uri, unit, commit }: { uri: string; unit: PreparedUnit; commit: Ledger['commit'] },
): Promise<{ records: number; strayRows: number; digests: TableFacts['digests'][number][] }> {
  const rows = `read_parquet(${sqlList([pathOf(uri)])}, union_by_name = true) WHERE ${isRowOf([unit])}`;
  const [counted] = await engine.rows(
    `SELECT count(*) AS records, count(*) FILTER (WHERE ${isStray(commit)}) AS stray FROM ${rows}`,
  );
  const outcome = outcomeIn(commit.table);
  const found =
    outcome === null
      ? []
      : await engine.rows(
          `SELECT ${outcome} AS outcome, ${digestColumns('record_fingerprint')} FROM ${rows} GROUP BY ALL`,
        );
  return {
    records: Number(counted?.records),
    strayRows: Number(counted?.stray),
    digests: found.map((row) => ({
      unitKey: unit.unitKey,
      outcome: String(row.outcome) as TableFacts['digests'][number]['outcome'],
      digest: foldLimbs(row),
    })),
  };
}
