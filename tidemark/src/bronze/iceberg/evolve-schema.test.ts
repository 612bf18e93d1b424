import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evolveSchema } from './evolve-schema.ts';
import { exampleTable } from './example-table.fixture.ts';
import { allFields, fieldById, icebergSchema, type TableColumn } from './schema.ts';
import { currentSchema, withSchema } from './table-metadata.ts';

const column = (name: string, type: TableColumn['type'], required = false): TableColumn => ({
  name,
  type,
  required,
});
const detail = (...names: string[]): TableColumn =>
  column('detail', { kind: 'struct', fields: names.map((name) => ({ name, type: { kind: 'string' } })) });

const BASE = [
  column('id', { kind: 'long' }, true),
  detail('a'),
  column('steps', { kind: 'list', element: { kind: 'long' } }),
];
const current = icebergSchema(BASE);

function evolve(wanted: readonly TableColumn[], lastColumnId = 20) {
  return evolveSchema({ current, lastColumnId, wanted });
}

test('new optional columns, and new members at any depth, get ids above every id the table ever gave', () => {
  const evolution = evolve([
    ...BASE.slice(0, 1),
    detail('a', 'b'),
    BASE[2]!,
    column('notes', {
      kind: 'list',
      element: { kind: 'struct', fields: [{ name: 'by', type: { kind: 'string' } }] },
    }),
  ]);
  assert.equal(evolution.kind, 'evolved');
  if (evolution.kind !== 'evolved') return;
  assert.deepEqual(evolution.added, ['detail.b', 'notes']);
  assert.equal(evolution.lastColumnId, 24);
  const fresh = [...allFields(evolution.schema.fields)].filter(({ field }) => field.id > 20);
  assert.deepEqual(
    fresh.map(({ path, field }) => [path.join('.'), field.id, field.required]),
    [
      ['detail.b', 21, false],
      ['notes', 22, false],
      ['notes.element', 23, false],
      ['notes.element.by', 24, false],
    ],
  );
  for (const { field } of allFields(current.fields))
    assert.equal(fieldById(evolution.schema, field.id)?.name, field.name);
});

test('the same columns in another order, with another doc, change nothing', () => {
  assert.deepEqual(evolve([...BASE].reverse().map((each) => ({ ...each, doc: 'new words' }))), {
    kind: 'unchanged',
    unlisted: [],
  });
});

test('a column that is no longer asked for stays and is named', () => {
  assert.deepEqual(evolve(BASE.slice(0, 2)), { kind: 'unchanged', unlisted: ['steps'] });
});

test('everything that old rows could not bear is refused, with every reason', () => {
  const evolution = evolve([
    column('ID', { kind: 'long' }),
    column('detail', { kind: 'string' }),
    column('steps', { kind: 'list', element: { kind: 'double' } }, true),
    column('must', { kind: 'date' }, true),
  ]);
  assert.equal(evolution.kind, 'refused');
  if (evolution.kind !== 'refused') return;
  assert.deepEqual(
    evolution.changes.map(({ rule, column: name, expected, found }) => [rule, name, expected, found]),
    [
      ['required_dropped', 'id', 'a required column', 'no such column'],
      ['type_changed', 'detail', 'struct', 'string'],
      ['made_required', 'steps', 'optional', 'required'],
      ['type_changed', 'steps.element', 'long', 'double'],
      ['name_differs_in_case', 'ID', 'id', 'ID'],
      ['required_added', 'must', 'an optional column', 'a required column'],
    ],
  );
});

test('JSON text and string are one type to a table', () => {
  const text = icebergSchema([column('t', { kind: 'string' })]);
  assert.equal(
    evolveSchema({ current: text, lastColumnId: 1, wanted: [column('t', { kind: 'json' })] }).kind,
    'unchanged',
  );
});

test('an evolved table keeps its older schemas, and last-column-id only grows', () => {
  const before = exampleTable({ schema: current });
  const evolution = evolveSchema({
    current,
    lastColumnId: before['last-column-id'],
    wanted: [...BASE, column('late', { kind: 'date' })],
  });
  assert.equal(evolution.kind, 'evolved');
  if (evolution.kind !== 'evolved') return;
  const after = withSchema(before, evolution);
  assert.deepEqual(
    after.schemas.map((schema) => schema['schema-id']),
    [0, 1],
  );
  assert.equal(currentSchema(after)['schema-id'], 1);
  assert.equal(after['last-column-id'], before['last-column-id'] + 1);
  assert.equal(
    withSchema({ ...after, 'current-schema-id': 0 }, evolution).schemas.length,
    2,
    'an equal schema is used again',
  );
});
