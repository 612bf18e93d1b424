import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../errors/codes.ts';
import type { TidemarkError } from '../errors/tidemark-error.ts';
import { type CoveringUnit, coverageOf } from '../progress/unit-coverage.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { CATALOG_VERSION, MIGRATIONS } from './migrations.ts';
import { openSqliteCatalog } from './open-sqlite.ts';

/** A catalog as the release of that version left it, with one run in it. */
function catalogOfVersion(path: string, version: number): void {
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE tidemark_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  for (const statement of MIGRATIONS.slice(0, version).flat())
    database.exec(typeof statement === 'string' ? statement : statement.sqlite);
  database.prepare("INSERT INTO tidemark_meta VALUES ('catalog_version', ?)").run(String(version));
  database.exec(`INSERT INTO runs (run_id, manifest_id, manifest_hash, batch_id, trace_id, state, started_at)
    VALUES ('r1', 'm', 'h', 'b', 't', 'committed', '2026-01-01T00:00:00.000Z')`);
  database.close();
}

describe('a catalog whose rows other spec versions made', () => {
  it('is read as it is, and not written to: the error says by what', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'catalog.db');
    await openSqliteCatalog({ path, readOnly: false }).destroy();
    const database = new DatabaseSync(path);
    database.exec("UPDATE tidemark_meta SET value = 'fingerprint-0' WHERE key = 'spec_fingerprint'");
    database.close();
    assert.throws(
      () => openSqliteCatalog({ path, readOnly: false }),
      (error: TidemarkError) =>
        error.code === ERROR_CODES.specs_differ &&
        /fingerprint-0 instead of fingerprint-1/.test(error.message),
    );
    const catalog = openSqliteCatalog({ path, readOnly: true });
    assert.deepEqual(await catalog.selectFrom('runs').selectAll().execute(), []);
    await catalog.destroy();
  });
});

describe('a catalog of every older version', () => {
  for (let version = 1; version < CATALOG_VERSION; version += 1) {
    for (const readOnly of [true, false]) {
      it(`opens and keeps what is in it: version ${version}, ${readOnly ? 'to read' : 'to write'}`, async () => {
        await using folder = await tempFolder();
        const path = join(folder.path, 'catalog.db');
        catalogOfVersion(path, version);
        const catalog = openSqliteCatalog({ path, readOnly });
        const [run] = await catalog.selectFrom('runs').selectAll().execute();
        assert.deepEqual([run?.run_id, run?.verb, run?.plan_id], ['r1', 'run', null]);
        assert.deepEqual(await catalog.selectFrom('incidents').selectAll().execute(), []);
        await catalog.destroy();
      });
    }
  }
});

describe('a catalog that did not know which time its units cover', () => {
  it('knows it once it is opened, as if they were prepared now', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'catalog.db');
    catalogOfVersion(path, 2);
    const units: readonly CoveringUnit[] = [
      {
        recordWindow: { field: 'updated_at', startAt: '2026-03-01', endBefore: '2026-03-03T00:00:00+02:00' },
        eventTime: null,
        cursor: null,
        watermark: null,
      },
      {
        recordWindow: null,
        eventTime: { min: '2026-03-01 10:00:00.000000+00', max: '2026-03-02 08:30:00.000000+00' },
        cursor: null,
        watermark: { field: 'created_at', value: '2026-03-02 08:30:00.000000+00' },
      },
      {
        recordWindow: { field: 'sequence', startAt: '100', endBefore: null },
        eventTime: null,
        cursor: { field: 'sequence', value: '250' },
        watermark: null,
      },
    ];
    const database = new DatabaseSync(path);
    const insert = database.prepare(`INSERT INTO units VALUES
      (?, 'm', 'b', 'ticket', 's', 'f', '-', 'c', 'committed', 'r1', 't', 'r1', 't', ?, NULL)`);
    for (const [at, unit] of units.entries()) insert.run(`u${at}`, JSON.stringify(unit));
    database.close();
    const catalog = openSqliteCatalog({ path, readOnly: false });
    const rows = await catalog.selectFrom('units').selectAll().orderBy('unit_key').execute();
    await catalog.destroy();
    for (const [at, { covers_field, covers_from, covers_to }] of rows.entries()) {
      const expected = coverageOf(units[at] as CoveringUnit);
      assert.equal(covers_field, expected?.field ?? null);
      assert.equal(covers_from, expected?.fromMs ?? null);
      // To the second: what comes after the last event of a whole file is not told apart further.
      assert.equal(Math.ceil((covers_to ?? 0) / 1000), Math.ceil((expected?.toMs ?? 0) / 1000));
    }
    assert.equal(rows.length, 3);
  });
});
