import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { type DataEngine, openDataEngine, sqlList } from '../data-engine.ts';
import type { DataFile } from '../iceberg/data-file.ts';
import type { LiveFile } from '../iceberg/read-table.ts';
import { icebergSchema } from '../iceberg/schema.ts';
import { pathOf } from '../table-io.ts';
import { mayHoldDeletions } from './deletions.ts';
import { type Fold, foldRows } from './fold-rows.ts';
import type { VersionRule } from './version-rule.ts';
import { writeCurrentFiles } from './write-current-files.ts';

interface Version {
  readonly key: number;
  readonly version: number | null;
  readonly deletes: boolean;
}

const TEXT = ['run_id', 'source_id', 'unit_key', 'record_fingerprint', 'op'];
const SCHEMA = icebergSchema([
  ...TEXT.map((name) => ({ name, type: { kind: 'string' } as const, required: false, doc: '' })),
  ...['record_line', 'key', 'version'].map((name) => ({
    name,
    type: { kind: 'long' } as const,
    required: false,
    doc: '',
  })),
]);
const RULE = {
  key: 'key',
  order: ['version'],
  deletion: { column: 'op', values: ['d', 'delete'] },
} satisfies VersionRule;

/** Rows of one unit, each with a place that tells it from all others. */
function rowsOf(unit: number, versions: readonly Version[]) {
  return versions.map((version, line) => ({ ...version, unit, line }));
}
type PlacedRow = ReturnType<typeof rowsOf>[number];

/** What folding comes to, said as simply as can be. */
function reference(rows: readonly PlacedRow[]): string[] {
  const newest = new Map<number, PlacedRow>();
  const rank = ({ version, unit, line }: PlacedRow) => [version ?? -1, unit, line] as const;
  for (const row of rows) {
    const known = newest.get(row.key);
    const isNewer = known === undefined || compare(rank(row), rank(known)) > 0;
    if (isNewer) newest.set(row.key, row);
  }
  const standing = [...newest.values()].filter(({ deletes }) => !deletes);
  return standing.map(({ key, unit, line }) => `${key} ${unit}/${line}`).sort();
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

describe('folding rows of Bronze into the newest of each key', () => {
  let dir: string;
  let engine: DataEngine;
  let names = 0;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tidemark-fold-'));
    engine = await openDataEngine({ spillDir: join(dir, 'spill'), limits: DEFAULT_LIMITS });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  const target = () => ({
    dir,
    name: `fold-${names++}`,
    scratchDir: join(dir, 'scratch'),
    specId: 0,
    sortOrderId: 1,
    fileBytesTarget: 1_000_000,
  });

  async function write(rows: readonly PlacedRow[]): Promise<DataFile[]> {
    const values = rows.map(({ unit, line, key, version, deletes }) => {
      const run = `run-${String(unit).padStart(3, '0')}`;
      return `('${run}', 's', 'u${unit}', '${unit}/${line}', '${deletes ? 'd' : 'u'}', ${line}, ${key}, ${version ?? 'NULL'}::BIGINT)`;
    });
    const columns = SCHEMA.fields.map(({ name }) => name).join(', ');
    const select = `SELECT * FROM (VALUES ${values.join(', ')}) t(${columns})`;
    const written = { schema: SCHEMA, rule: RULE, target: target() };
    return await writeCurrentFiles(engine, { ...written, rows: select, part: 0 });
  }

  async function told(files: readonly DataFile[]): Promise<string[]> {
    const paths = files.map(({ uri }) => pathOf(uri));
    if (paths.length === 0) return [];
    const rows = await engine.rows(`SELECT key, record_fingerprint FROM read_parquet(${sqlList(paths)})`);
    return rows.map((row) => `${row.key} ${row.record_fingerprint}`).sort();
  }

  const live = (files: readonly DataFile[]) => files as readonly LiveFile[]; // A fold asks no live file when it came.

  async function step(
    table: readonly DataFile[],
    change: Pick<Fold, 'versions' | 'touching' | 'isAddition'> &
      Partial<Pick<Fold, 'deletedBefore' | 'assertRoom'>>,
  ) {
    const fold = {
      deletedBefore: [],
      assertRoom: async () => undefined,
      ...change,
      schema: SCHEMA,
      rule: RULE,
      target: target(),
      live: live(table),
      splits: new Map(),
    };
    const { added, removed } = await foldRows(engine, fold);
    return { removed, table: [...table.filter(({ uri }) => !removed.includes(uri)), ...added] };
  }

  const paths = (files: readonly DataFile[]) => files.map(({ uri }) => pathOf(uri));

  it('comes to the same as folding everything at once, whatever comes in or goes out in between', async () => {
    const version = fc.record({
      key: fc.nat(30),
      version: fc.option(fc.nat(3)),
      deletes: fc.boolean(),
    });
    const versions = fc.array(version, { minLength: 1, maxLength: 12 });
    const change = fc.oneof(
      { weight: 3, arbitrary: versions.map((rows) => ({ rows, out: null })) },
      { weight: 1, arbitrary: fc.nat(9).map((out) => ({ rows: [] as Version[], out })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: 6 }), async (changes) => {
        const bronze: { rows: PlacedRow[]; files: DataFile[] }[] = [];
        // Several files from the beginning: each of a range of keys.
        let table: DataFile[] = [];
        for (const [unit, from] of [0, 10, 20].entries()) {
          const rows = rowsOf(
            unit,
            [0, 3, 6].map((more) => ({ key: from + more, version: 1, deletes: false })),
          );
          const files = await write(rows);
          bronze.push({ rows, files });
          table.push(...(await write(rows)));
        }
        for (const [index, { rows: versionsOf, out }] of changes.entries()) {
          const gone = out === null ? undefined : bronze.splice(out % bronze.length, 1)[0];
          const had = bronze.flatMap((unit) => unit.files);
          const rows = rowsOf(index + 3, versionsOf);
          const files = rows.length === 0 ? [] : await write(rows);
          if (files.length > 0) bronze.push({ rows, files });
          const isAddition = gone === undefined;
          const result = await step(table, {
            isAddition,
            versions: paths(isAddition ? files : bronze.flatMap((unit) => unit.files)),
            touching: paths([...files, ...(gone?.files ?? [])]),
            deletedBefore: paths(mayHoldDeletions(had, { schema: SCHEMA, rule: RULE })),
          });
          table = result.table;
          assert.deepEqual(await told(table), reference(bronze.flatMap((unit) => unit.rows)));
        }
        const anew = await step(table, {
          isAddition: false,
          touching: null,
          versions: paths(bronze.flatMap((unit) => unit.files)),
        });
        assert.deepEqual(await told(anew.table), await told(table));
      }),
      { numRuns: 12 },
    );
  });

  it('leaves the files alone that hold no key of a batch', async () => {
    const ranges = [
      [0, 9],
      [10, 19],
      [20, 29],
    ] as const;
    const table: DataFile[] = [];
    for (const [unit, range] of ranges.entries())
      table.push(
        ...(await write(
          rowsOf(
            unit,
            range.map((key) => ({ key, version: 1, deletes: false })),
          ),
        )),
      );
    const versions = paths(
      await write(
        rowsOf(7, [
          { key: 12, version: 1, deletes: false },
          { key: 40, version: 1, deletes: false },
        ]),
      ),
    );
    let roomFor = 0;
    const { removed } = await step(table, {
      versions,
      touching: versions,
      isAddition: true,
      assertRoom: async (bytes) => {
        roomFor = bytes;
      },
    });
    assert.equal(
      roomFor,
      table.slice(1).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    assert.deepEqual(
      removed,
      table.slice(1).map(({ uri }) => uri),
    );
  });

  it('looks for deletions only in files that may hold one, as far as their statistics tell', async () => {
    const row = { key: 1, version: 1 };
    const [kept = [], both = []] = [
      await write(rowsOf(1, [{ ...row, deletes: false }])),
      await write(
        rowsOf(2, [
          { ...row, deletes: true },
          { ...row, deletes: false },
        ]),
      ),
    ];
    const among = (values: VersionRule['deletion']) =>
      mayHoldDeletions([...kept, ...both], { schema: SCHEMA, rule: { ...RULE, deletion: values! } });
    assert.deepEqual(among({ column: 'op', values: ['d'] }), both);
    assert.deepEqual(among({ column: 'op', values: ['x'] }), []);
    assert.deepEqual(among({ column: 'op', values: null }), [...kept, ...both]);
    assert.deepEqual(among({ column: 'version', values: null }), [...kept, ...both]);
    assert.deepEqual(mayHoldDeletions(kept, { schema: SCHEMA, rule: { key: 'key', order: [] } }), []);
  });
});
