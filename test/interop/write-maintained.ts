/**
 * Makes a project whose tables were written batch by batch and then maintained, for another reader to check:
 *
 *   node write-maintained.ts write <folder>    batches, compaction, expiry; every state of every table beside it
 *   node write-maintained.ts go-on <folder>    one more batch and one more maintenance, after the other reader has appended
 *
 * `<folder>/states/<table>-<number>.parquet` holds the rows after that many batches, read by DuckDB from the files that
 * the ledger of units named then, never from Iceberg metadata. `<folder>/expected.json` says which snapshot has which.
 */
import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataEngine, sqlList, sqlText } from '../../tidemark/src/bronze/data-engine.ts';
import { decodeUnit } from '../../tidemark/src/bronze/prepared-unit.ts';
import { pathOf } from '../../tidemark/src/bronze/table-io.ts';
import { isRowOf } from '../../tidemark/src/bronze/unit-rows.ts';
import { openSqliteCatalog } from '../../tidemark/src/catalog/open-sqlite.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { sampleProjectAt } from '../../tidemark/src/testing/sample-project.ts';
import { maintain, runBatch } from '../aged-project.ts';

const BATCHES = 9;
const [verb, folder = ''] = process.argv.slice(2);
const project = await sampleProjectAt(join(folder, 'project'));
const home = join(project.root, '.tidemark');
if (verb === 'write') await write();
else if (verb === 'go-on') await goOn();
else throw new Error('usage: write-maintained.ts write|go-on <folder>');

async function write(): Promise<void> {
  await mkdir(join(folder, 'states'), { recursive: true });
  await project.write(
    'tidemark.yaml',
    `maintenance: { automatic: false }
foreign_snapshots: warn
limits: { filesCompactMin: 4, manifestsMergeMin: 3, snapshotsKeptMin: 4, snapshotAgeMs: 1, metadataFilesKept: 2 }
tables: { rejects: { partition_by: ["truncate[4](rule)"] } }
`,
  );
  const states: Record<string, Record<string, number>> = {};
  for (let number = 1; number <= BATCHES; number += 1) {
    const { tables } = await runBatch(project, number);
    for (const { table, snapshotId, moved } of tables) {
      if (moved && snapshotId !== null) states[table] = { ...states[table], [snapshotId]: number };
    }
    await keepStates(number);
    // In the middle and at the end, so that later batches come in on top of compacted files.
    if (number === 5 || number === BATCHES) await maintain(project);
  }
  await writeFile(join(folder, 'expected.json'), JSON.stringify({ batches: BATCHES, states }));
}

async function goOn(): Promise<void> {
  await runBatch(project, BATCHES + 1);
  await maintain(project);
  await keepStates(BATCHES + 1);
  await using tidemark = await openTidemark({ project: project.root });
  const { symptoms } = await tidemark.verify({ quick: true });
  // The other engine's snapshot is told of; nothing of ours is.
  const ours = symptoms.filter(({ batchId }) => batchId !== null);
  assert.deepEqual(
    ours.map(({ message }) => message),
    [],
  );
}

/** Every table's rows as the ledger of units says, each table in one file. */
async function keepStates(number: number): Promise<void> {
  const catalog = openSqliteCatalog({ path: join(home, 'catalog.db'), readOnly: true });
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('state', '=', 'committed')
    .execute();
  await catalog.destroy();
  const units = rows.map(({ prepared }) => decodeUnit(prepared));
  const tables = new Set(units.flatMap(({ files }) => files.map(({ table }) => table)));
  await using duck = await openDataEngine({ spillDir: join(folder, 'spill'), limits: DEFAULT_LIMITS });
  for (const table of tables) {
    const files = units.flatMap((unit) => unit.files.filter((entry) => entry.table === table));
    const paths = [...new Set(files.flatMap((entry) => entry.files.map(({ uri }) => pathOf(uri))))];
    const place = join(folder, 'states', `${table}-${number}.parquet`);
    await duck.run(
      `COPY (SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true) WHERE ${isRowOf(units)})
       TO ${sqlText(`${place}.part`)} (FORMAT parquet)`,
    );
    await rename(`${place}.part`, place);
  }
}
