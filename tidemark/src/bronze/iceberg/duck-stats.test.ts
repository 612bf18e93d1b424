import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { duckFieldIds, duckType } from './duck-columns.ts';
import { type CopyStats, dataFileFromDuckStats } from './duck-stats.ts';
import { DuckExample } from './example-table.fixture.ts';
import { icebergSchema, type TableColumn, type TableSchema } from './schema.ts';
import {
  compareSingleValues,
  decodeSingleValue,
  encodeSingleValue,
  type SingleValue,
} from './single-value.ts';

const optional = (name: string, type: TableColumn['type']): TableColumn => ({ name, type, required: false });

const SCHEMA = icebergSchema([
  { name: 'id', type: { kind: 'long' }, required: true },
  optional('d', { kind: 'double' }),
  optional('s', { kind: 'struct', fields: [{ name: 't', type: { kind: 'string' } }] }),
  optional('l', { kind: 'list', element: { kind: 'long' } }),
]);

function describe(row: CopyStats, schema: TableSchema = SCHEMA) {
  return dataFileFromDuckStats({
    row,
    schema,
    uri: 'file:///f.parquet',
    specId: 0,
    partition: [],
    sortOrderId: 1,
  });
}

async function copied(duck: DuckExample, select: string, schema: TableSchema = SCHEMA): Promise<CopyStats> {
  const [row] = await duck.copy(select, `FIELD_IDS ${duckFieldIds(schema)}`);
  return row!;
}

test('counts, sizes and bounds of a file are those of its rows', async () => {
  using duck = await DuckExample.open();
  const row = await copied(
    duck,
    `SELECT * FROM (VALUES
       (3::BIGINT, 1.5::DOUBLE, {t: 'b'}, [1, 2]::BIGINT[]),
       (-7, NULL, NULL, []),
       (5, -0.5, {t: NULL}, NULL)) AS rows(id, d, s, l)`,
  );
  const file = describe(row);
  const [id, d, t, element] = [1, 2, 5, 6];
  assert.equal(file.recordCount, 3);
  assert.equal(file.sizeBytes, Number(row.file_size_bytes));
  assert.equal(file.sortOrderId, 1);
  assert.deepEqual([...file.columnSizes.keys()].sort(), [id, d, t, element]);
  assert.deepEqual([file.valueCounts.get(id), file.nullValueCounts.get(id)], [3, 0]);
  assert.deepEqual([file.valueCounts.get(d), file.nullValueCounts.get(d)], [3, 1]);
  assert.deepEqual(
    [file.valueCounts.get(t), file.nullValueCounts.get(t)],
    [3, 2],
    'a null struct counts for its members',
  );
  assert.equal(decodeSingleValue('long', file.lowerBounds.get(id)!), -7n);
  assert.equal(decodeSingleValue('long', file.upperBounds.get(id)!), 5n);
  assert.equal(decodeSingleValue('double', file.lowerBounds.get(d)!), -0.5);
  assert.equal(decodeSingleValue('string', file.upperBounds.get(t)!), 'b', 'members of structs have bounds');
  assert.ok(!file.lowerBounds.has(element) && !file.upperBounds.has(element), 'elements of lists have none');
});

test('NaNs are counted only where there are none, and are no bounds', async () => {
  using duck = await DuckExample.open();
  const rest = "{t: 'x'} AS s, NULL::BIGINT[] AS l";
  const without = describe(await copied(duck, `SELECT 1::BIGINT AS id, 2.0::DOUBLE AS d, ${rest}`));
  assert.equal(without.nanValueCounts.get(2), 0);
  const some = describe(
    await copied(duck, `SELECT 1::BIGINT AS id, unnest(['nan', '2'])::DOUBLE AS d, ${rest}`),
  );
  assert.equal(some.nanValueCounts.has(2), false);
  assert.equal(decodeSingleValue('double', some.upperBounds.get(2)!), 2);
  const all = describe(await copied(duck, `SELECT 1::BIGINT AS id, 'nan'::DOUBLE AS d, ${rest}`));
  assert.equal(all.lowerBounds.has(2), false);
});

test('a null in a required column, a column outside the schema and a column left out are not accepted', async () => {
  using duck = await DuckExample.open();
  const refusal = (pattern: RegExp) => (error: unknown) =>
    error instanceof InvariantError && pattern.test(error.message);
  const rest = "1.0::DOUBLE AS d, {t: 'x'} AS s, NULL::BIGINT[] AS l";
  const nulls = await copied(duck, `SELECT NULL::BIGINT AS id, ${rest}`);
  assert.throws(() => describe(nulls), refusal(/required column id is null in 1 rows/));
  const [extra] = await duck.copy('SELECT 1 AS id, 2 AS more', 'FIELD_IDS {id: 1}');
  assert.throws(() => describe(extra!), refusal(/column "more" is not in the schema/));
  const [less] = await duck.copy('SELECT 1::DOUBLE AS d', 'FIELD_IDS {d: 2}');
  assert.throws(() => describe(less!), refusal(/required column "id" was not written/));
  assert.throws(() => describe({ ...less!, count: 'many' }), refusal(/count is many, not a count/));
});

/** DuckDB literals and the values they stand for. */
const VALUES: Readonly<Record<string, fc.Arbitrary<{ readonly sql: string; readonly value: SingleValue }>>> =
  {
    string: fc.string({ unit: 'binary', maxLength: 40 }).map((value) => {
      // NUL cannot stand in a DuckDB literal.
      const text = value.replaceAll('\0', '\u0001');
      return { sql: `'${text.replaceAll("'", "''")}'`, value: text };
    }),
    long: fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => ({ sql: `(${value})`, value })),
    double: fc
      .double({ noNaN: true })
      .map((value) => ({ sql: `'${Object.is(value, -0) ? '-0.0' : value}'`, value })),
    boolean: fc.boolean().map((value) => ({ sql: String(value), value })),
    timestamptz: fc
      .bigInt({ min: -(10n ** 17n), max: 10n ** 17n })
      .map((value) => ({ sql: `make_timestamptz(${value})`, value })),
    date: fc
      .integer({ min: -1_000_000, max: 3_000_000 })
      .map((value) => ({ sql: `(DATE '1970-01-01' + (${value}))`, value })),
  };

test('every value of a file lies between its bounds, for every column type', async () => {
  using duck = await DuckExample.open();
  for (const [kind, values] of Object.entries(VALUES)) {
    const schema = icebergSchema([optional('c', { kind: kind as 'string' })]);
    const type = duckType(kind);
    const samples = fc.sample(fc.array(values, { minLength: 1, maxLength: 6 }), { numRuns: 40, seed: 7 });
    for (const sample of samples) {
      const literals = sample.map(({ sql }) => `(CAST(${sql} AS ${type}))`);
      const file = describe(
        await copied(duck, `SELECT * FROM (VALUES ${literals.join(', ')}) AS rows(c)`, schema),
        schema,
      );
      const [lower, upper] = [file.lowerBounds.get(1), file.upperBounds.get(1)];
      if (kind !== 'string') assert.ok(lower && upper, `${kind} has bounds`);
      for (const { value } of sample) {
        const stored = decodeSingleValue(kind, encodeSingleValue(kind, value))!;
        if (lower)
          assert.ok(
            compareSingleValues(decodeSingleValue(kind, lower)!, stored) <= 0,
            `${kind} ${value} lies below`,
          );
        if (upper)
          assert.ok(
            compareSingleValues(decodeSingleValue(kind, upper)!, stored) >= 0,
            `${kind} ${value} lies above`,
          );
      }
    }
  }
});
