import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { duckFieldIds, duckType } from './duck-columns.ts';
import { DuckExample } from './example-table.fixture.ts';
import { icebergSchema, type TableSchema } from './schema.ts';

test('the Parquet file that DuckDB writes bears the field id of every column, element, key, value and member', async () => {
  using duck = await DuckExample.open();
  const own = icebergSchema([
    { name: 'id', type: { kind: 'long' }, required: true },
    { name: 'odd "name", with.dots', type: { kind: 'string' }, required: false },
    {
      name: 'tags',
      type: { kind: 'list', element: { kind: 'list', element: { kind: 'date' } } },
      required: false,
    },
    {
      name: 'detail',
      type: {
        kind: 'struct',
        fields: [
          { name: 'element', type: { kind: 'double' } },
          {
            name: 'list of "x"',
            type: {
              kind: 'list',
              element: { kind: 'struct', fields: [{ name: 'y', type: { kind: 'boolean' } }] },
            },
          },
        ],
      },
      required: false,
    },
  ]);
  const map = {
    type: 'map',
    'key-id': 101,
    key: 'string',
    'value-id': 102,
    'value-required': false,
    value: 'timestamptz',
  } as const;
  const schema: TableSchema = {
    ...own,
    fields: [...own.fields, { id: 100, name: 'm', required: false, type: map }],
  };

  const columns = schema.fields.map(
    (field) => `NULL::${duckType(field.type)} AS "${field.name.replaceAll('"', '""')}"`,
  );
  const [stats] = await duck.copy(`SELECT ${columns.join(', ')}`, `FIELD_IDS ${duckFieldIds(schema)}`);
  const rows = await duck.rows(
    `SELECT name, field_id FROM parquet_schema('${stats!.filename}') WHERE field_id IS NOT NULL`,
  );
  assert.deepEqual(rows, [
    ['id', '1'],
    ['odd "name", with.dots', '2'],
    ['tags', '3'],
    ['element', '5'],
    ['element', '6'],
    ['detail', '4'],
    ['element', '7'],
    ['list of "x"', '8'],
    ['element', '9'],
    ['y', '10'],
    ['m', '100'],
    ['key', '101'],
    ['value', '102'],
  ]);
});

test('a column type of another engine that DuckDB has no exact type for is refused by name', () => {
  assert.equal(duckType('decimal(38, 10)'), 'DECIMAL(38, 10)');
  assert.throws(
    () => duckType('fixed[12]'),
    (error) => error instanceof ConfigurationError && /fixed\[12\]/.test(error.message),
  );
});
