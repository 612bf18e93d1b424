import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Catalog } from '../catalog/catalog.ts';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { EMPTY_RECORDS, tallyAssets } from '../model/tally.ts';
import { tempFolder } from '../testing/temp-folder.ts';

/** A catalog as months of runs leave it: the first run of each batch committed, the later ones had nothing to do. */
export async function catalogOfMany(size: {
  batches: number;
  runsPerBatch: number;
  assetsPerRun: number;
}): Promise<AsyncDisposable & { readonly catalog: Catalog }> {
  const folder = await tempFolder();
  const path = join(folder.path, 'catalog.db');
  await openSqliteCatalog({ path, readOnly: false }).destroy();
  fill(new DatabaseSync(path), size);
  const catalog = openSqliteCatalog({ path, readOnly: true });
  return {
    catalog,
    [Symbol.asyncDispose]: async () => {
      await catalog.destroy();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function fill(
  database: DatabaseSync,
  { batches, runsPerBatch, assetsPerRun }: { batches: number; runsPerBatch: number; assetsPerRun: number },
): void {
  const asset = JSON.stringify({ sourceId: 'desk:a', note: 'x'.repeat(600) });
  const assets = Array.from({ length: assetsPerRun }, () => JSON.parse(asset));
  const assetTally = tallyAssets(
    assets.map(() => 'committed'),
    assetsPerRun,
  );
  const result = JSON.stringify({ assets, assetTally, recordTally: EMPTY_RECORDS, failure: null });
  const now = '2026-03-01T00:00:00.000Z';
  database.exec('BEGIN');
  const insert = (table: string, values: readonly (string | number | null)[]) => {
    const marks = values.map(() => '?').join(', ');
    const statement = statements.get(table) ?? database.prepare(`INSERT INTO ${table} VALUES (${marks})`);
    statements.set(table, statement);
    statement.run(...values);
  };
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  for (let batch = 0; batch < batches; batch += 1) {
    const manifest = `manifest-${batch % 50}`;
    const batchId = `batch-${batch}`;
    if (batch < 50) insert('manifests', [manifest, 'hash', `${manifest}.json`, '{}', now]);
    insert('batches', [manifest, batchId, 'full_snapshot', 'everything declared', 1, now]);
    for (let run = 0; run < runsPerBatch; run += 1) {
      const runId = `run-${String(batch * runsPerBatch + run).padStart(9, '0')}`;
      const state = run === 0 ? 'committed' : 'nothing_to_commit';
      const proven = run === 0 ? 1 : 0;
      insert('runs', [
        runId,
        manifest,
        'hash',
        batchId,
        'trace',
        null,
        state,
        now,
        now,
        result,
        proven,
        'run',
        null,
        null,
        run === 0 ? 'pass' : null,
        null,
      ]);
      for (let at = 0; at < assetsPerRun; at += 1) {
        insert('run_assets', [runId, at, 'desk:a', 'committed', 'accept', asset]);
      }
      insert('evidence', [manifest, batch * runsPerBatch + run, 'run', runId, result, '', runId, now]);
      if (run > 0) continue;
      for (const table of ['ticket', 'rejects', 'skips']) {
        insert('commits', [table, manifest, batchId, 1, runId, `${batch}`, null, '', 1, now, 1, 1]);
      }
    }
  }
  database.exec('COMMIT');
  database.close();
}
