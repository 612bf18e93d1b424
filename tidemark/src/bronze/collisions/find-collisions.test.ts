import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { writeCurrentFiles } from '../current/write-current-files.ts';
import { type DataEngine, openDataEngine } from '../data-engine.ts';
import type { DataFile } from '../iceberg/data-file.ts';
import { columnByName, icebergSchema } from '../iceberg/schema.ts';
import { pathOf } from '../table-io.ts';
import { mayMeet } from './column-extent.ts';
import { findCollisions } from './find-collisions.ts';

interface Row {
  readonly key: string | null;
  readonly version: number | null;
  readonly content: number;
}
type PlacedRow = Row & { readonly batch: number; readonly line: number };

const TEXT = ['manifest_id', 'batch_id', 'run_id', 'source_id', 'unit_key', 'record_fingerprint', 'key'];
const SCHEMA = icebergSchema([
  ...TEXT.map((name) => ({ name, type: { kind: 'string' } as const, required: false, doc: '' })),
  ...['record_line', 'version'].map((name) => ({
    name,
    type: { kind: 'long' } as const,
    required: false,
    doc: '',
  })),
]);

/** What collides with rows of the last batch, said as simply as can be: identities of each batch that came second or later. */
function reference(rows: readonly PlacedRow[], identityOf: (row: PlacedRow) => string): string[] {
  const last = Math.max(...rows.map(({ batch }) => batch));
  const later: string[] = [];
  const keyed = rows.filter(({ key }) => key !== null);
  for (const [identity, same] of Map.groupBy(keyed, identityOf)) {
    const contents = new Set(same.map(({ content }) => content));
    if (contents.size < 2 || !same.some(({ batch }) => batch === last)) continue;
    const inOrder = same.toSorted((a, b) => a.batch - b.batch || a.line - b.line);
    later.push(...inOrder.slice(1).map(({ batch }) => `${batch} ${identity}`));
  }
  return tallied(later);
}

/** Batch, how many identities, how many records. */
function tallied(later: readonly string[]): string[] {
  const byBatch = Map.groupBy(later, (entry) => entry.split(' ')[0]);
  return [...byBatch].map(([batch, own]) => `b${batch} ${new Set(own).size} ${own.length}`).sort();
}

describe('rows of one identity and several contents', () => {
  let dir: string;
  let engine: DataEngine;
  let names = 0;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tidemark-collisions-'));
    engine = await openDataEngine({ spillDir: join(dir, 'spill'), limits: DEFAULT_LIMITS });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  async function write(rows: readonly PlacedRow[]): Promise<DataFile[]> {
    const values = rows.map(({ batch, line, key, version, content }) => {
      const named = key === null ? 'NULL' : `'${key}'`;
      return `('m', 'b${batch}', 'r', 's', 'u', 'fp${content}', ${named}, ${line}, ${version ?? 'NULL'}::BIGINT)`;
    });
    const columns = SCHEMA.fields.map(({ name }) => name).join(', ');
    return await writeCurrentFiles(engine, {
      rows: `SELECT * FROM (VALUES ${values.join(', ')}) t(${columns})`,
      part: 0,
      schema: SCHEMA,
      rule: { key: 'key', order: [] },
      target: {
        dir,
        name: `rows-${names++}`,
        scratchDir: join(dir, 'scratch'),
        specId: 0,
        sortOrderId: 1,
        fileBytesTarget: 1_000_000,
      },
    });
  }

  const row = fc.record({
    key: fc.option(fc.constantFrom('a', 'b', 'k', 'z', 'é'), { freq: 8 }),
    version: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }),
    content: fc.integer({ min: 0, max: 3 }),
  });
  const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

  for (const [by, order] of [
    ['their key', []],
    ['their key and version', ['version']],
  ] as const)
    it(`are told by ${by} as a slow reader tells them, from the files alone whose bounds leave them open`, async () => {
      await fc.assert(
        fc.asyncProperty(batches, async (drawn) => {
          const placed = drawn.map((rows, batch) => rows.map((one, line) => ({ ...one, batch, line })));
          const files = await Promise.all(placed.map(write));
          const own = files.at(-1) ?? [];
          const columns = ['key', ...order].flatMap((name) => columnByName(SCHEMA, name) ?? []);
          const meets = mayMeet(own, columns);
          const history = files.slice(0, -1).flat().filter(meets);
          const found = await findCollisions(engine, {
            schema: SCHEMA,
            rule: { key: 'key', order },
            incoming: () => [own.map(({ uri }) => pathOf(uri))],
            history: () => history.map(({ uri }) => [pathOf(uri)]),
            firstCommitted: async ({ batchId }) => String(batchId),
          });
          const identityOf = ({ key, version }: PlacedRow) =>
            order.length === 0 ? `${key}` : `${key} ${version}`;
          assert.deepEqual(
            found.map(({ batchId, identities, records }) => `${batchId} ${identities} ${records}`).sort(),
            reference(placed.flat(), identityOf),
          );
        }),
        { numRuns: 40 },
      );
    });

  it('bring as evidence a few of the rows, who was there first before the others', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({ key: `k${at % 25}`, version: 1, content: at }));
    const own = await write(rows.map((one, line) => ({ ...one, batch: 0, line })));
    const [found, ...others] = await findCollisions(engine, {
      schema: SCHEMA,
      rule: { key: 'key', order: ['version'] },
      incoming: () => [own.map(({ uri }) => pathOf(uri))],
      history: () => [],
      firstCommitted: async () => '',
    });
    assert.deepEqual([others.length, found?.identities, found?.records, found?.rows.length], [0, 25, 25, 10]);
    assert.deepEqual(
      found?.rows.slice(0, 2).map(({ identity, line }) => [identity, line]),
      [
        [['k0', '1'], 0],
        [['k0', '1'], 25],
      ],
    );
  });

  it('are looked for in no file whose keys or versions lie elsewhere, and in every one that says nothing of them', async () => {
    const of = async (key: string | null, version: number | null) =>
      await write([{ key, version, content: 0, batch: 0, line: 0 }]);
    const columns = ['key', 'version'].flatMap((name) => columnByName(SCHEMA, name) ?? []);
    const meets = mayMeet([...(await of('b', 2)), ...(await of('d', null))], columns);
    const looked = async (key: string | null, version: number | null) => (await of(key, version)).map(meets);
    assert.deepEqual(await looked('c', 2), [true]);
    assert.deepEqual(await looked('e', 2), [false]);
    assert.deepEqual(await looked('c', 3), [false]);
    assert.deepEqual(await looked('c', null), [true], 'none is like none');
    const [file] = await of('e', 9);
    assert.ok(file);
    assert.equal(meets({ ...file, lowerBounds: new Map(), upperBounds: new Map() }), true);
  });
});
