import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { CATALOG_VERSION, MIGRATIONS } from '../../tidemark/src/catalog/migrations.ts';
import { entryHash, GENESIS_HASH } from '../../tidemark/src/evidence/chain.ts';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

async function twoBatches(): Promise<SampleProject> {
  const project = await sampleProject();
  for (const [name, from] of [
    ['a', 0],
    ['b', 8],
  ] as const) {
    const lines = Array.from({ length: 12 }, (_, index) => ticket(from + index));
    const content = jsonLines([...lines, ticket(from, { status: 'lost' })]);
    await project.manifest(name, {
      assets: [await project.asset({ source_id: name, path: `data/${name}.jsonl`, content })],
    });
    await runProject(project);
  }
  return project;
}

/** Chains as they were sealed before there was a ledger: no body names the sum of rows. */
function withoutRows(database: DatabaseSync): [path: string, body: string][] {
  const put = database.prepare(
    'UPDATE main.evidence SET body = ?, previous_hash = ?, hash = ? WHERE chain = ? AND seq = ?',
  );
  const heads = new Map<string, string>();
  return database
    .prepare('SELECT * FROM main.evidence ORDER BY chain, seq')
    .all()
    .map((row) => {
      const { rows: _, ...body } = JSON.parse(String(row.body));
      const [chain, seq, kind, runId] = [
        String(row.chain),
        Number(row.seq),
        String(row.kind),
        String(row.run_id),
      ];
      const unsealed = {
        chain,
        seq,
        kind: kind as 'run',
        runId,
        sealedAt: String(row.sealed_at),
        previousHash: heads.get(chain) ?? GENESIS_HASH,
        body: JSON.stringify(body),
      };
      const hash = entryHash(unsealed);
      put.run(unsealed.body, unsealed.previousHash, hash, chain, seq);
      heads.set(chain, hash);
      return [join(runId, `${kind}.json`), unsealed.body];
    });
}

/** The catalog of a home as the release of an earlier version would hold it, and no ledger beside it. */
async function asOfVersion(homeDir: string, version: number): Promise<void> {
  const [now, then] = [join(homeDir, 'catalog.db'), join(homeDir, 'then.db')];
  const old = new DatabaseSync(then);
  old.exec('CREATE TABLE tidemark_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  for (const statement of MIGRATIONS.slice(0, version).flat())
    old.exec(typeof statement === 'string' ? statement : statement.sqlite);
  old.prepare('ATTACH ? AS now').run(now);
  const columnsOf = (schema: string, table: string) =>
    old
      .prepare(`PRAGMA ${schema}.table_info(${table})`)
      .all()
      .map(({ name }) => `"${name}"`);
  const tables = old
    .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name));
  for (const table of tables.filter((name) => name !== 'tidemark_meta')) {
    const known = new Set(columnsOf('now', table));
    const columns = columnsOf('main', table).filter((column) => known.has(column));
    const list = columns.join(', ');
    old.exec(`INSERT INTO main.${table} (${list}) SELECT ${list} FROM now.${table}`);
  }
  old.prepare("INSERT INTO main.tidemark_meta VALUES ('catalog_version', ?)").run(String(version));
  const bodies = withoutRows(old);
  old.close();
  for (const [path, body] of bodies) await writeFile(join(homeDir, 'evidence', path), body);
  for (const side of ['', '-wal', '-shm']) await rm(now + side, { force: true });
  await rename(then, now);
  await rm(join(homeDir, 'ledger'), { recursive: true });
}

describe('a home of an earlier release', () => {
  // The first, the one before there was a ledger, and the last.
  for (const version of [1, 2, CATALOG_VERSION - 1]) {
    it(`opens, verifies, goes on and can be rebuilt: catalog version ${version}`, async () => {
      await using project = await twoBatches();
      const home = homeOf(project);
      await asOfVersion(home, version);
      const before = await tablesAsSeen(home);
      await using tidemark = await openTidemark({ project: project.root });
      assert.equal((await tidemark.status()).progress.length > 0, true);
      const { symptoms } = await tidemark.verify();
      assert.deepEqual(
        symptoms.map(({ message }) => message),
        [],
      );
      const { runs } = await tidemark.run();
      assert.deepEqual(
        runs.map(({ state }) => state),
        ['nothing_to_commit', 'nothing_to_commit'],
      );
      // The first run of a manifest wrote what the ledger lacked.
      for (const side of ['', '-wal', '-shm']) await rm(join(home, `catalog.db${side}`), { force: true });
      const keeping = await openSafekeeping({ project: project.root });
      assert.deepEqual((await keeping.rebuild({ execute: true })).disagreements, []);
      assert.deepEqual(await tablesAsSeen(home), before);
    });
  }
});
