import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DuckExample } from './example-table.fixture.ts';
import { parsePartitionSpec, partitionColumns, partitionFromText, partitionType } from './partition-spec.ts';
import { icebergSchema, type TableColumn, type TableSchema } from './schema.ts';
import { parseTransform, transformText } from './transform.ts';

const optional = (name: string, type: TableColumn['type']): TableColumn => ({ name, type, required: false });
const SCHEMA: TableSchema = icebergSchema([
  optional('at', { kind: 'timestamptz' }),
  optional('day', { kind: 'date' }),
  optional('name', { kind: 'string' }),
  optional('n', { kind: 'long' }),
  optional('open', { kind: 'boolean' }),
  optional('ratio', { kind: 'double' }),
  optional('two words', { kind: 'string' }),
  optional('name_trunc', { kind: 'string' }),
  optional('tags', { kind: 'list', element: { kind: 'string' } }),
]);

function parsed(...declared: string[]) {
  const reading = parsePartitionSpec(declared, SCHEMA);
  assert.equal(reading.kind, 'parsed');
  return (reading as Extract<typeof reading, { kind: 'parsed' }>).spec;
}

test('declared fields become a spec with ids from 1000 and the names that other engines give', () => {
  assert.deepEqual(parsed('day(at)', 'truncate[3](two words)', 'open', 'identity(name)'), {
    'spec-id': 0,
    fields: [
      { 'source-id': 1, 'field-id': 1000, name: 'at_day', transform: 'day' },
      { 'source-id': 7, 'field-id': 1001, name: 'two words_trunc', transform: 'truncate[3]' },
      { 'source-id': 5, 'field-id': 1002, name: 'open', transform: 'identity' },
      { 'source-id': 3, 'field-id': 1003, name: 'name', transform: 'identity' },
    ],
  });
  assert.deepEqual(parsed(), { 'spec-id': 0, fields: [] });
});

test('every declaration that cannot be kept is a problem with what was expected', () => {
  const declared = [
    'weekly(at)',
    'day(nowhere)',
    'hour(day)',
    'ratio',
    'truncate[0](n)',
    'bucket[4](n)',
    'tags',
    'truncate[2](name)',
    'day(at)',
    'month(at)',
    '',
  ];
  const reading = parsePartitionSpec(declared, SCHEMA);
  assert.equal(reading.kind, 'refused');
  if (reading.kind !== 'refused') return;
  assert.deepEqual(
    reading.problems.map(({ text, rule }) => [text, rule]),
    [
      ['weekly(at)', 'malformed'],
      ['day(nowhere)', 'unknown_column'],
      ['hour(day)', 'type_mismatch'],
      ['ratio', 'type_mismatch'],
      ['truncate[0](n)', 'malformed'],
      ['bucket[4](n)', 'type_mismatch'],
      ['tags', 'type_mismatch'],
      ['truncate[2](name)', 'name_taken'],
      ['month(at)', 'redundant'],
      ['', 'malformed'],
    ],
  );
});

test('transforms print as they were read', () => {
  for (const text of ['identity', 'year', 'month', 'day', 'hour', 'void', 'truncate[12]', 'bucket[16]']) {
    assert.equal(transformText(parseTransform(text)!), text);
  }
  assert.equal(parseTransform('truncate[-1]'), null);
});

/** What the specification says of each transform, in plain arithmetic. */
const floorDiv = (value: bigint, by: bigint) => (value - (((value % by) + by) % by)) / by;
const HOUR = 3_600_000_000n;
const month = (days: number) => {
  const date = new Date(days * 86_400_000);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
};
const day = (micros: bigint) => Number(floorDiv(micros, 24n * HOUR));
const MODEL = {
  'identity(at)': ({ at }: Sample) => at,
  'year(at)': ({ at }: Sample) => Math.floor(month(day(at)) / 12),
  'month(at)': ({ at }: Sample) => month(day(at)),
  'day(at)': ({ at }: Sample) => day(at),
  'hour(at)': ({ at }: Sample) => Number(floorDiv(at, HOUR)),
  'identity(day)': (row: Sample) => row.day,
  'year(day)': (row: Sample) => Math.floor(month(row.day) / 12),
  'month(day)': (row: Sample) => month(row.day),
  'day(day)': (row: Sample) => row.day,
  'identity(name)': ({ name }: Sample) => name,
  'truncate[2](two words)': ({ name }: Sample) => [...name].slice(0, 2).join(''),
  'truncate[10](n)': ({ n }: Sample) => floorDiv(n, 10n) * 10n,
  'identity(n)': ({ n }: Sample) => n,
  'identity(open)': ({ open }: Sample) => open,
} as const;

interface Sample {
  readonly at: bigint;
  readonly day: number;
  readonly name: string;
  readonly n: bigint;
  readonly open: boolean;
}

const SAMPLES = fc.record({
  at: fc.bigInt({ min: -(10n ** 15n) * 100n, max: 10n ** 15n * 100n }),
  day: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  name: fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u0301', "'", '/', '%', '=', ' '), maxLength: 5 }),
  n: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  open: fc.boolean(),
});

function insertable({ at, day: days, name, n, open }: Sample): string {
  const text = `'${name.replaceAll("'", "''")}'`;
  return `(make_timestamptz(${at}), DATE '1970-01-01' + (${days}), ${text}, ${n}, ${open}, 0.5, ${text}, NULL, NULL::VARCHAR[])`;
}

test('DuckDB computes every transform as the specification says, in any time zone', async () => {
  using duck = await DuckExample.open();
  const samples = fc.sample(SAMPLES, { numRuns: 100, seed: 11 });
  const columns = SCHEMA.fields.map(({ name }) => `"${name}"`).join(', ');
  const rowsSql = `(VALUES ${samples.map(insertable).join(', ')}) AS rows(${columns})`;
  for (const zone of ['UTC', 'Asia/Kathmandu']) {
    await duck.connection.run(`SET TimeZone = '${zone}'`);
    for (const [declared, model] of Object.entries(MODEL)) {
      const spec = parsed(declared);
      const [column] = partitionColumns(spec, SCHEMA);
      const texts = await duck.rows(`SELECT (${column!.sql})::VARCHAR FROM ${rowsSql}`);
      const fields = partitionType(
        spec,
        (id) => SCHEMA.fields.find((field) => field.id === id)!.type as string,
      );
      for (const [index, [text]] of texts.entries()) {
        assert.deepEqual(
          partitionFromText(fields, [text as string]),
          [model(samples[index]!)],
          `${declared} in ${zone}`,
        );
      }
    }
  }
});

test('files written by partition come back with the partition of their rows, nulls and odd texts included', async () => {
  using duck = await DuckExample.open();
  const spec = parsed('name', 'year(day)', 'open');
  const columns = partitionColumns(spec, SCHEMA);
  const names = ["'a'", "''", 'NULL', "'__HIVE_DEFAULT_PARTITION__'", "'a/b=c %20'", "'..'", "'é😀'"];
  const values = names.map(
    (name, index) => `(${name}, ${index % 2 ? 'NULL' : "DATE '1969-05-01'"}, ${index % 3 === 0})`,
  );
  const select = `SELECT name, ${columns.map(({ name, sql }) => `${sql} AS ${name}`).join(', ')} FROM (VALUES ${values.join(', ')}) AS rows(name, day, open)`;
  const by = columns.map(({ name }) => name).join(', ');
  const files = await duck.copy(
    select,
    `PARTITION_BY (${by}), WRITE_PARTITION_COLUMNS false, FILENAME_PATTERN '{uuid}'`,
  );
  const fields = partitionType(spec, (id) => SCHEMA.fields.find((field) => field.id === id)!.type as string);
  const partitions = files.map((file) =>
    partitionFromText(
      fields,
      file.partition_keys!.map(({ value }) => value),
    ),
  );
  const expected = ['a', '', null, '__HIVE_DEFAULT_PARTITION__', 'a/b=c %20', '..', 'é😀'].map(
    (name, index) => [name, index % 2 ? null : -1, index % 3 === 0],
  );
  const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(sorted(partitions), sorted(expected));
});
