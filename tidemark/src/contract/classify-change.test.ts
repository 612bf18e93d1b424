import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ticketContract from '../../../contracts/data/ticket.json' with { type: 'json' };
import type { JsonObject, JsonValue } from '../model/json.ts';
import { type ChangeClass, classifyContractChange, contractChanges } from './classify-change.ts';

const KEY = { businessKey: 'id' };
const withProperty = (schema: JsonValue, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { id: { type: 'string' }, a: schema },
  required: ['id'],
  ...more,
});
const text = { type: 'string' };
const of = (before: JsonObject, after: JsonObject) =>
  classifyContractChange(contractChanges(before, after, KEY));

/** What changed, before, after, and what it is. */
const TABLE: readonly (readonly [string, JsonObject, JsonObject, ChangeClass | null])[] = [
  ['nothing', withProperty(text), withProperty(text), null],
  ['a description', withProperty(text), withProperty({ ...text, description: 'x', title: 'y' }), null],
  ['the order of keywords', withProperty({ a: 1, b: 2 }), withProperty({ b: 2, a: 1 }), null],
  [
    'a new property',
    withProperty(text),
    { ...withProperty(text), properties: { id: text, a: text, b: text } },
    'additive',
  ],
  [
    'a new property that is required',
    withProperty(text),
    { ...withProperty(text), properties: { id: text, a: text, b: text }, required: ['id', 'b'] },
    'narrowing',
  ],
  ['a property less', withProperty(text), { ...withProperty(text), properties: { id: text } }, 'removal'],
  [
    'a property that must be there',
    withProperty(text),
    withProperty(text, { required: ['id', 'a'] }),
    'narrowing',
  ],
  ['a property that need not', withProperty(text, { required: ['id', 'a'] }), withProperty(text), 'widening'],
  ['one more type', withProperty(text), withProperty({ type: ['string', 'null'] }), 'widening'],
  ['one type less', withProperty({ type: ['string', 'null'] }), withProperty(text), 'narrowing'],
  ['another type', withProperty(text), withProperty({ type: 'number' }), 'narrowing'],
  ['numbers for integers', withProperty({ type: 'integer' }), withProperty({ type: 'number' }), 'widening'],
  ['integers for numbers', withProperty({ type: 'number' }), withProperty({ type: 'integer' }), 'narrowing'],
  ['one more value', withProperty({ enum: ['x'] }), withProperty({ enum: ['x', 'y'] }), 'widening'],
  ['one value less', withProperty({ enum: ['x', 'y'] }), withProperty({ enum: ['x'] }), 'narrowing'],
  ['values given for the first time', withProperty({}), withProperty({ enum: ['x'] }), 'narrowing'],
  ['a longer text', withProperty({ maxLength: 5 }), withProperty({ maxLength: 9 }), 'widening'],
  ['a shorter text', withProperty({ maxLength: 9 }), withProperty({ maxLength: 5 }), 'narrowing'],
  ['a higher least', withProperty({ minimum: 1 }), withProperty({ minimum: 2 }), 'narrowing'],
  ['a least that is dropped', withProperty({ minimum: 1 }), withProperty({}), 'widening'],
  ['a new pattern', withProperty(text), withProperty({ ...text, pattern: '^a' }), 'narrowing'],
  ['a pattern that is dropped', withProperty({ ...text, pattern: '^a' }), withProperty(text), 'widening'],
  [
    'unknown properties refused',
    withProperty(text),
    withProperty(text, { additionalProperties: false }),
    'narrowing',
  ],
  [
    'unknown properties let in',
    withProperty(text, { additionalProperties: false }),
    withProperty(text),
    'widening',
  ],
  [
    'one more value inside',
    withProperty({ items: { enum: ['x'] } }),
    withProperty({ items: { enum: ['x', 'y'] } }),
    'widening',
  ],
  [
    'a rule of a definition',
    withProperty({ $ref: '#/$defs/d' }, { $defs: { d: { maxLength: 5 } } }),
    withProperty({ $ref: '#/$defs/d' }, { $defs: { d: { maxLength: 4 } } }),
    'narrowing',
  ],
  ['what cannot be compared', withProperty({ anyOf: [text] }), withProperty({ anyOf: [{}] }), 'narrowing'],
  [
    'the key, however mildly',
    withProperty(text),
    { ...withProperty(text), properties: { id: { type: ['string', 'null'] }, a: text } },
    'key_change',
  ],
];

describe('a change of a contract', () => {
  for (const [what, before, after, wanted] of TABLE)
    it(`is ${wanted ?? 'none'}: ${what}`, () => assert.equal(of(before, after), wanted));

  it('is as grave as its gravest part', () => {
    fc.assert(
      fc.property(fc.subarray(TABLE.slice(3), { minLength: 1 }), (rows) => {
        const changes = rows.flatMap(([, before, after]) => contractChanges(before, after, KEY));
        const order = ['additive', 'widening', 'narrowing', 'removal', 'key_change'];
        const gravest = Math.max(...rows.map(([, , , found]) => order.indexOf(found ?? '')));
        assert.equal(classifyContractChange(changes), order[gravest]);
      }),
    );
  });

  it('of a contract of this house names the place', () => {
    const before = ticketContract as unknown as JsonObject;
    const after = structuredClone(ticketContract) as unknown as typeof ticketContract & {
      properties: { status: { enum: string[] } };
    };
    after.properties.status.enum.push('parked');
    const key = { businessKey: 'ticket_id' };
    assert.deepEqual(contractChanges(before, after as unknown as JsonObject, key), [
      { class: 'widening', pointer: '/status', what: 'enum: +"parked"' },
    ]);
    assert.deepEqual(contractChanges(before, before, key), []);
  });
});
