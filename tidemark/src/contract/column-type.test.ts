import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactNumber, type ExactObject, type ExactValue } from '../model/exact-number.ts';
import { columnTypeOf } from './column-type.ts';
import type { ColumnType } from './contract.ts';

const ROOT: ExactObject = {
  $defs: {
    text: { type: 'string' },
    day: { type: 'string', format: 'date' },
    texts: { type: 'array', items: { type: 'string' } },
    node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, additionalProperties: false },
    loop: { $ref: '#/$defs/loop' },
    'a/b': { type: 'boolean' },
    elsewhere: { $id: 'https://example.com/x', $defs: { text: { type: 'string' } } },
  },
};

/** `list<long>`, `struct<a string, b list<double>>`. */
function spell(type: ColumnType): string {
  if (type.kind === 'list') return `list<${spell(type.element)}>`;
  if (type.kind !== 'struct') return type.kind;
  return `struct<${type.fields.map((field) => `${field.name} ${spell(field.type)}`).join(', ')}>`;
}

const CLOSED = { type: 'object', additionalProperties: false };
const INT64_MAX = new ExactNumber('9223372036854775807');

for (const [schema, expected] of [
  [{ type: 'string' }, 'string'],
  [{ type: 'string', format: 'date-time' }, 'timestamptz'],
  [{ type: 'string', format: 'date' }, 'date'],
  [{ type: 'string', format: 'uri' }, 'string'],
  [{ type: 'string', enum: ['a', 'b'] }, 'string'],
  [{ type: 'integer' }, 'long'],
  [{ type: 'integer', minimum: 1 }, 'long'],
  [{ type: 'integer', minimum: -(2 ** 63), maximum: INT64_MAX }, 'json'],
  [{ type: 'integer', minimum: new ExactNumber('-9223372036854775808'), maximum: INT64_MAX }, 'long'],
  [{ type: 'integer', exclusiveMaximum: new ExactNumber('9223372036854775808') }, 'long'],
  [{ type: 'integer', maximum: new ExactNumber('9223372036854775808') }, 'json'],
  [{ type: 'integer', maximum: 1e30 }, 'json'],
  [{ type: 'integer', minimum: 0.5, maximum: 1e-7 }, 'long'],
  [{ type: 'number' }, 'double'],
  [{ type: ['integer', 'number'] }, 'double'],
  [{ type: 'boolean' }, 'boolean'],
  [{ type: 'null' }, 'json'],
  [{ type: ['string', 'null'] }, 'string'],
  [{ type: ['null', 'string'], format: 'date-time' }, 'timestamptz'],
  [{ type: 'integer', nullable: true }, 'long'],
  [{ type: ['string', 'integer'] }, 'json'],
  [{ anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }, 'date'],
  [{ oneOf: [{ const: null }, { type: 'array', items: { type: 'number' } }] }, 'list<double>'],
  [{ anyOf: [{ enum: [null] }, { type: 'integer' }] }, 'long'],
  [{ oneOf: [{ const: 'a', description: 'first' }, { const: 'b' }] }, 'string'],
  [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 'json'],
  [{ anyOf: [{ type: 'string' }, { type: 'string', format: 'date' }] }, 'json'],
  [{ anyOf: [{ $ref: '#/$defs/texts' }, { $ref: '#/$defs/texts' }] }, 'json'],
  [{ enum: ['a', 'b', null] }, 'string'],
  [{ enum: [1, 2] }, 'long'],
  [{ enum: [1, 2.5] }, 'double'],
  [{ enum: [INT64_MAX] }, 'long'],
  [{ enum: [true, null] }, 'boolean'],
  [{ enum: ['a', 1] }, 'json'],
  [{ enum: [null] }, 'json'],
  [{ const: 'ticket_v1' }, 'string'],
  [{ const: null }, 'json'],
  [{ $ref: '#/$defs/text' }, 'string'],
  [{ $ref: '#/$defs/a~1b' }, 'boolean'],
  [{ $ref: '#/$defs/texts', description: 'labels' }, 'list<string>'],
  [{ $ref: '#/$defs/texts', items: { type: 'integer' } }, 'json'],
  [{ $ref: '#/$defs/text', maxLength: 5 }, 'string'],
  [{ allOf: [{ $ref: '#/$defs/day' }] }, 'date'],
  [{ allOf: [{ $ref: '#/$defs/day' }, { pattern: '^2' }] }, 'json'],
  [{ $ref: '#/$defs/loop' }, 'json'],
  [{ $ref: '#/$defs/none' }, 'json'],
  [{ $ref: '#/$defs/elsewhere/$defs/text' }, 'json'],
  [{ $ref: 'https://example.com/y' }, 'json'],
  [{ $ref: '#/$defs/node' }, 'struct<next json>'],
  [{ type: 'array', items: { type: 'string' } }, 'list<string>'],
  [{ type: ['array', 'null'], items: { type: ['integer', 'null'] } }, 'list<long>'],
  [{ type: 'array', items: { type: 'array', items: { $ref: '#/$defs/day' } } }, 'list<list<date>>'],
  [{ type: 'array' }, 'json'],
  [{ type: 'array', items: true }, 'json'],
  [{ type: 'array', items: { type: 'object' } }, 'json'],
  [{ type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'string' } }, 'json'],
  [{ ...CLOSED, properties: { a: { type: 'string' }, b: { type: 'object' } } }, 'struct<a string, b json>'],
  [
    { type: 'array', items: { ...CLOSED, properties: { at: { type: 'string', format: 'date-time' } } } },
    'list<struct<at timestamptz>>',
  ],
  [{ type: 'object', properties: { a: { type: 'string' } } }, 'json'],
  [{ ...CLOSED, properties: {} }, 'json'],
  [{ ...CLOSED, properties: { a: {} }, patternProperties: { '^x': {} } }, 'json'],
  [{ ...CLOSED, properties: { a: { type: 'string' }, A: { type: 'string' } } }, 'json'],
  [{ ...CLOSED, properties: { '': { type: 'string' } } }, 'json'],
  [{ properties: { a: { type: 'string' } }, additionalProperties: false }, 'json'],
  [{}, 'json'],
  [true, 'json'],
  [false, 'json'],
] as const satisfies readonly (readonly [ExactValue, string])[]) {
  test(`${JSON.stringify(schema)} is stored as ${expected}`, () => {
    assert.equal(spell(columnTypeOf(schema, ROOT)), expected);
  });
}
