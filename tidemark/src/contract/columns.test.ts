import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf } from './columns.ts';
import type { ContractTraits } from './contract.ts';
import { SYSTEM_COLUMN_NAMES } from './system-columns.ts';

const TRAITS: ContractTraits = {
  table: 't',
  businessKey: 'id',
  eventTime: null,
  versionOrder: [],
  deletion: null,
  lineage: [],
  pii: {},
  anchorProperties: [],
};

/** `property → column` of every column, in order. */
function namesOf(properties: readonly string[], traits: ContractTraits = TRAITS): readonly string[] {
  const schema = { properties: Object.fromEntries(properties.map((name) => [name, { type: 'string' }])) };
  return columnsOf(schema, traits).map(({ property, name }) =>
    property === name ? name : `${property} → ${name}`,
  );
}

test('columns come in the order of the document, with what it says about them', () => {
  const schema = {
    properties: {
      zone: { type: 'string', description: 'where' },
      amount: { type: 'number', title: 'Amount' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  };
  assert.deepEqual(columnsOf(schema, TRAITS), [
    { name: 'zone', property: 'zone', type: { kind: 'string' }, doc: 'where' },
    { name: 'amount', property: 'amount', type: { kind: 'double' }, doc: 'Amount' },
    { name: 'tags', property: 'tags', type: { kind: 'list', element: { kind: 'string' } } },
  ]);
});

test('a property with the name of a system column is stored beside it', () => {
  assert.deepEqual(namesOf(['id', 'source_id', 'record_line', 'Run_ID']), [
    'id',
    'source_id → record_source_id',
    'record_line → record_record_line',
    'Run_ID → record_Run_ID',
  ]);
});

test('a property that equals a trace anchor by construction shares its column', () => {
  const traits = { ...TRAITS, anchorProperties: ['source_fingerprint'] };
  assert.deepEqual(namesOf(['id', 'source_fingerprint', 'trace_id'], traits), [
    'id',
    'trace_id → record_trace_id',
  ]);
});

test('names that differ in letter case alone are told apart, and names that need no help keep theirs', () => {
  assert.deepEqual(namesOf(['name', 'Name', 'NAME', 'name_2']), [
    'name → name_4',
    'Name → Name_3',
    'NAME',
    'name_2',
  ]);
  assert.deepEqual(namesOf(['source_id', 'record_source_id']), [
    'source_id → record_source_id_2',
    'record_source_id',
  ]);
});

test('names that no engine can quote are made quotable', () => {
  assert.deepEqual(namesOf(['', 'a\u0000b', 'c"d']), [' → _', 'a\u0000b → a_b', 'c"d']);
});

test('columns are distinct in any letter case, none is a system column, and order decides nothing', () => {
  const property = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      'a_2',
      'A_2',
      'a_3',
      'source_id',
      'SOURCE_ID',
      'record_source_id',
      '',
      '_',
      '\u0000',
    ),
    fc.constantFrom(...SYSTEM_COLUMN_NAMES),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(property.filter((name) => name !== '__proto__')), (properties) => {
      const byProperty = (names: readonly string[]) => {
        const schema = { properties: Object.fromEntries(names.map((name) => [name, {}])) };
        return new Map(columnsOf(schema, TRAITS).map((column) => [column.property, column.name]));
      };
      const names = byProperty(properties);
      assert.equal(names.size, properties.length);
      const folded = [...names.values(), ...SYSTEM_COLUMN_NAMES].map((name) => name.toLowerCase());
      assert.equal(new Set(folded).size, folded.length);
      assert.deepEqual(new Map([...byProperty(properties.toReversed())].sort()), new Map([...names].sort()));
    }),
  );
});
