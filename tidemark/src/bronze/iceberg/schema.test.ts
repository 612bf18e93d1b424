import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import {
  allFields,
  columnProblems,
  fieldById,
  highestFieldId,
  icebergSchema,
  type TableColumn,
} from './schema.ts';

const optional = (name: string, type: TableColumn['type']): TableColumn => ({ name, type, required: false });

test('ids are handed out level by level: all columns first, then what is nested in each', () => {
  const schema = icebergSchema([
    { name: 'id', type: { kind: 'long' }, required: true, doc: 'The key.' },
    optional('tags', { kind: 'list', element: { kind: 'string' } }),
    optional('detail', {
      kind: 'struct',
      fields: [
        { name: 'score', type: { kind: 'double' } },
        { name: 'parts', type: { kind: 'list', element: { kind: 'list', element: { kind: 'date' } } } },
        { name: 'at', type: { kind: 'timestamptz' } },
      ],
    }),
    optional('payload', { kind: 'json' }),
  ]);
  const ids = [...allFields(schema.fields)].map(({ path, field }) => [path.join('.'), field.id]);
  assert.deepEqual(ids, [
    ['id', 1],
    ['tags', 2],
    ['tags.element', 5],
    ['detail', 3],
    ['detail.score', 6],
    ['detail.parts', 7],
    ['detail.parts.element', 9],
    ['detail.parts.element.element', 10],
    ['detail.at', 8],
    ['payload', 4],
  ]);
  assert.equal(highestFieldId(schema), 10);
  assert.deepEqual(schema.fields[0], { id: 1, name: 'id', required: true, type: 'long', doc: 'The key.' });
  assert.equal(fieldById(schema, 4)?.type, 'string', 'JSON text is a string');
  assert.equal(fieldById(schema, 11), null);
});

test('columns that some reader could not tell apart are refused, all of them at once', () => {
  const columns = [
    optional('a', { kind: 'long' }),
    optional('A', { kind: 'long' }),
    optional('s', {
      kind: 'struct',
      fields: [
        { name: 'x', type: { kind: 'long' } },
        { name: 'X', type: { kind: 'long' } },
      ],
    }),
    optional('t.u', { kind: 'long' }),
    optional('t', { kind: 'struct', fields: [{ name: 'u', type: { kind: 'long' } }] }),
    optional('', { kind: 'long' }),
    optional('none', { kind: 'struct', fields: [] }),
    optional('__duckdb_field_id', { kind: 'long' }),
  ];
  assert.deepEqual(columnProblems(columns), [
    '"A" and "a" are the same name to a reader that ignores case',
    '"s.X" and "s.x" are the same name to a reader that ignores case',
    '"t.u" and "t.u" are the same name to a reader that ignores case',
    'a column has an empty name',
    '"none" is an object without properties',
    '"__duckdb_field_id" is a reserved name',
  ]);
  assert.throws(() => icebergSchema(columns), ConfigurationError);
  assert.throws(() => icebergSchema([]), /there is no column/);
});
