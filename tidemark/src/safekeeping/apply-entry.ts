import { sql } from 'kysely';
import type { CatalogTransaction } from '../catalog/catalog.ts';
import type { CatalogTables } from '../catalog/schema.ts';
import type { SealedEntry } from '../evidence/chain.ts';
import { type CatalogRow, type LedgerRows, withHomePlaces } from '../evidence/ledger-rows.ts';
import type { Reconciliation } from '../evidence/reconcile.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { Home } from '../landing/home.ts';

/** Makes true in a catalog what a sealed entry tells: the entry, the rows that came with it, the account of its run. */
export async function applyEntry(
  tx: CatalogTransaction,
  { home, entry, rows }: { home: Home; entry: SealedEntry; rows: string | null },
): Promise<void> {
  const { chain, seq, kind, runId, body, previousHash, hash, sealedAt } = entry;
  await tx
    .insertInto('evidence')
    .values({ chain, seq, kind, run_id: runId, body, previous_hash: previousHash, hash, sealed_at: sealedAt })
    .execute();
  if (rows === null) return;
  const { tables } = JSON.parse(rows) as LedgerRows;
  for (const [table, list] of Object.entries(tables) as [keyof CatalogTables, readonly CatalogRow[]][]) {
    // Those that leave a table first: no two units of a key stand at once.
    const ordered = list.toSorted(
      (a, b) => Number(a.state === 'committed') - Number(b.state === 'committed'),
    );
    for (const row of ordered) await putRow(tx, table, withHomePlaces(table, { row, home }));
  }
  await putAccount(tx, entry);
}

/** A row takes the place of an earlier one of its primary key. */
async function putRow(tx: CatalogTransaction, table: keyof CatalogTables, row: CatalogRow): Promise<void> {
  const columns = Object.keys(row);
  const key = await primaryKey(tx, table);
  const names = sql.join(columns.map((name) => sql.ref(name)));
  const values = sql.join(columns.map((name) => sql`${row[name]}`));
  const others = columns.filter((name) => !key.includes(name));
  const set = sql.join(others.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`));
  await sql`INSERT INTO ${sql.table(table)} (${names}) VALUES (${values})
    ON CONFLICT (${sql.join(key.map((name) => sql.ref(name)))}) DO UPDATE SET ${set}`.execute(tx);
}

async function primaryKey(tx: CatalogTransaction, table: keyof CatalogTables): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`SELECT name FROM pragma_table_info(${table}) WHERE pk > 0`.execute(tx);
  return rows.map(({ name }) => name);
}

/** The account of a run is the body of its entries, and stands in no row of the ledger. */
async function putAccount(tx: CatalogTransaction, { kind, runId, body }: SealedEntry): Promise<void> {
  if (kind === 'run') {
    const { report } = JSON.parse(body) as { report: RunReport & { note?: string } };
    const { state, note } = report;
    const result = note === undefined ? report : { runId, state, note };
    await tx
      .updateTable('runs')
      .set({ result: JSON.stringify(result) })
      .where('run_id', '=', runId)
      .execute();
    for (const [position, asset] of (report.assets ?? []).entries()) {
      const { sourceId: source_id, outcome, judgement } = asset;
      const values = { source_id, outcome, judgement, detail: JSON.stringify(asset) };
      await tx
        .insertInto('run_assets')
        .values({ run_id: runId, position, ...values })
        .onConflict((conflict) => conflict.columns(['run_id', 'position']).doUpdateSet(values))
        .execute();
    }
  }
  if (kind === 'reconciliation') {
    const { reconciliation } = JSON.parse(body) as { reconciliation: Reconciliation };
    const run = await tx.selectFrom('runs').select('result').where('run_id', '=', runId).executeTakeFirst();
    const report = { ...(JSON.parse(run?.result ?? '{}') as Partial<RunReport>), reconciliation };
    await tx
      .updateTable('runs')
      .set({ proven: 1, verdict: reconciliation.verdict, result: JSON.stringify(report) })
      .where('run_id', '=', runId)
      .execute();
  }
}
