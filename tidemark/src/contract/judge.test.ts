import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import type { Violation } from './contract.ts';
import { compileJudge, faultsOfSchema } from './judge.ts';

function judge(schema: JsonObject, record: JsonValue): readonly Violation[] {
  const compiled = compileJudge({ schema, limits: DEFAULT_LIMITS });
  assert.ok(compiled.kind === 'judge', JSON.stringify(compiled));
  return compiled.validate(record);
}

/** `rule pointer: expected / received` of every violation. */
function told(schema: JsonObject, record: JsonValue): readonly string[] {
  return judge(schema, record).map(
    ({ rule, pointer, expected, received }) => `${rule} ${pointer}: ${expected} / ${received}`,
  );
}

const TICKET: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['ticket_id', 'status', 'created_at'],
  properties: {
    ticket_id: { type: 'string', pattern: '^TKT-[0-9]{4}$' },
    status: { type: 'string', enum: ['open', 'closed'] },
    kind: { const: 'ticket_v1' },
    subject: { type: 'string', maxLength: 5, minLength: 1 },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: ['string', 'null'], format: 'date-time' },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 2 },
    score: { type: 'number', minimum: 0, maximum: 1 },
    price: { type: 'number', multipleOf: 0.01 },
    'a/b~c': { type: 'string' },
  },
};

const GOOD = { ticket_id: 'TKT-0001', status: 'open', created_at: '2026-01-01T00:00:00Z' };

test('a record that keeps its contract has no violations', () => {
  assert.deepEqual(judge(TICKET, { ...GOOD, updated_at: null, tags: ['a', 'b'], price: 19.99 }), []);
});

for (const [what, change, expected] of [
  [
    'a missing property is named at its own place, with what it should be',
    { ticket_id: undefined },
    'required /ticket_id: required: string matching ^TKT-[0-9]{4}$ / missing',
  ],
  [
    'an extra property is named at its own place, with the nearest that there is',
    { tag: ['a'] },
    'additionalProperties /tag: no property of this name (near: tags) / ["a"]',
  ],
  [
    'an extra property like no other stands alone',
    { zzz: 1 },
    'additionalProperties /zzz: no property of this name / 1',
  ],
  ['a value of the wrong type', { ticket_id: 7 }, 'type /ticket_id: string matching ^TKT-[0-9]{4}$ / 7'],
  [
    'a value of the wrong type where null is fine too',
    { updated_at: 7 },
    'type /updated_at: date-time (RFC 3339) or null / 7',
  ],
  ['a value outside the list', { status: 'opn' }, 'enum /status: one of open, closed / "opn"'],
  ['another constant', { kind: 'ticket_v2' }, 'const /kind: ticket_v1 / "ticket_v2"'],
  ['a pattern', { ticket_id: 'TKT-1' }, 'pattern /ticket_id: string matching ^TKT-[0-9]{4}$ / "TKT-1"'],
  [
    'a day that is none',
    { created_at: '2026-02-30T00:00:00Z' },
    'format /created_at: date-time (RFC 3339) / "2026-02-30T00:00:00Z"',
  ],
  ['a text that is too long', { subject: 'abcdef' }, 'maxLength /subject: at most 5 characters / "abcdef"'],
  ['a text that is too short', { subject: '' }, 'minLength /subject: at least 1 character / ""'],
  ['a number that is too large', { score: 1.5 }, 'maximum /score: at most 1 / 1.5'],
  ['an amount of half a cent', { price: 0.005 }, 'multipleOf /price: a multiple of 0.01 / 0.005'],
  ['an item of the wrong type', { tags: ['a', 5] }, 'type /tags/1: string / 5'],
  ['an item that comes twice', { tags: ['a', 'a'] }, 'uniqueItems /tags: items that all differ / ["a","a"]'],
  ['a name that a pointer has to escape', { 'a/b~c': 1 }, 'type /a~1b~0c: string / 1'],
] as const) {
  test(what, () => {
    const record: JsonValue = JSON.parse(JSON.stringify({ ...GOOD, ...change }));
    assert.deepEqual(told(TICKET, record), [expected]);
  });
}

test('every violation of a record is told, each once', () => {
  const rules = judge(TICKET, { status: 'x', created_at: 5, tags: ['a', 'a', 1] }).map(
    ({ rule, pointer }) => `${rule} ${pointer}`,
  );
  assert.deepEqual(rules.sort(), [
    'enum /status',
    'maxItems /tags',
    'required /ticket_id',
    'type /created_at',
    'type /tags/2',
    'uniqueItems /tags',
  ]);
});

test('a text counts in characters, not in UTF-16 code units', () => {
  assert.deepEqual(judge(TICKET, { ...GOOD, subject: '😀😀😀😀😀' }), []);
});

test('the alternative of the value’s own type is explained, not the whole union', () => {
  const schema = { properties: { at: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] } } };
  assert.deepEqual(told(schema, { at: 'today' }), ['format /at: date (RFC 3339) / "today"']);
  assert.deepEqual(told(schema, { at: 5 }), ['anyOf /at: date (RFC 3339) or null / 5']);
});

test('a union that refers elsewhere is explained as well, nested or not', () => {
  const schema = {
    properties: { one: { $ref: '#/$defs/value' }, sibling: { type: 'string' } },
    $defs: {
      text: { type: 'string', maxLength: 2 },
      value: { oneOf: [{ $ref: '#/$defs/text' }, { type: 'array', items: { $ref: '#/$defs/value' } }] },
    },
  };
  assert.deepEqual(told(schema, { one: 'abc', sibling: 5 }).toSorted(), [
    'maxLength /one: at most 2 characters / "abc"',
    'type /sibling: string / 5',
  ]);
  assert.deepEqual(told(schema, { one: ['a', ['abc']] }), [
    'maxLength /one/1/0: at most 2 characters / "abc"',
  ]);
  assert.deepEqual(told(schema, { one: true }), [
    'oneOf /one: string of at most 2 characters or array / true',
  ]);
});

test('a value that fits two alternatives of oneOf is told so', () => {
  const schema = { properties: { n: { oneOf: [{ type: 'integer' }, { type: 'number' }] } } };
  assert.deepEqual(told(schema, { n: 5 }), ['oneOf /n: only one of these at once: integer or number / 5']);
});

test('conditions are explained by what they ask for', () => {
  const schema = {
    if: { properties: { kind: { const: 'call' } } },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { required: ['duration'], properties: { duration: { type: 'number' } } },
    else: false,
  };
  assert.deepEqual(told(schema, { kind: 'call' }), ['required /duration: required: number / missing']);
  assert.deepEqual(told(schema, { kind: 'mail' }), ['false_schema : nothing here / {"kind":"mail"}']);
});

test('a property name that is not allowed is named', () => {
  const schema = { propertyNames: { pattern: '^[a-z]+$', maxLength: 3 } };
  assert.deepEqual(told(schema, { Abcd: 1 }), [
    'propertyNames /Abcd: a property name that is string matching ^[a-z]+$ of at most 3 characters / "Abcd"',
  ]);
});

test('a record with more violations than the limit has as many as the limit', () => {
  const schema = { items: { type: 'string' } };
  const limited = compileJudge({ schema, limits: { ...DEFAULT_LIMITS, violationsPerRecordMax: 3 } });
  assert.ok(limited.kind === 'judge');
  assert.equal(limited.validate(Array.from({ length: 500 }, (_, at) => at)).length, 3);
});

test('of a very large record the first violation is told', () => {
  const record = { tags: Array.from({ length: 200_000 }, (_, at) => at) };
  assert.equal(judge({ properties: { tags: { items: { type: 'string' } } } }, record).length, 1);
});

test('the items of a long array are compared in linear time', () => {
  const items = Array.from({ length: 200_000 }, (_, at) => ({ at }));
  assert.deepEqual(judge({ uniqueItems: true }, items), []);
  assert.equal(judge({ uniqueItems: true }, [...items, { at: 0 }]).length, 1);
});

test('what was received is cut to a bounded length, and so is what was expected', () => {
  const schema = { properties: { a: { enum: Array.from({ length: 5000 }, (_, at) => `value-${at}`) } } };
  const [violation] = judge(schema, { a: { deep: ['😀'.repeat(1_000_000)] } });
  assert.ok(violation !== undefined);
  assert.ok(violation.received.length <= 120 && violation.received.startsWith('{"deep":["😀'));
  assert.ok(violation.expected.length <= 240 && violation.expected.startsWith('one of value-0, value-1'));
  assert.ok(violation.received.isWellFormed());
});

test('names that every object inherits are properties like any other', () => {
  const schema = {
    required: ['toString'],
    properties: { constructor: { type: 'string' }, toString: { type: 'string' } },
    additionalProperties: false,
  };
  assert.deepEqual(told(schema, {}), ['required /toString: required: string / missing']);
  assert.deepEqual(judge(schema, { toString: 'x', constructor: 'y' }), []);
});

test('keywords that nobody knows are annotations, and a format that nobody defined is noted', () => {
  const compiled = compileJudge({
    schema: { 'x-owner': 'me', properties: { a: { type: 'string', format: 'galaxy', pattern: '^(?=.)' } } },
    limits: DEFAULT_LIMITS,
  });
  assert.ok(compiled.kind === 'judge');
  assert.deepEqual(compiled.validate({ a: 'x' }), []);
  assert.match(compiled.notes.join('\n'), /galaxy/);
  assert.match(compiled.notes.join('\n'), /looks around/);
});

test('a number beyond the doubles is a number', () => {
  assert.deepEqual(judge({ properties: { n: { type: 'number' } } }, { n: Number('1e400') }), []);
});

for (const [what, schema, reason] of [
  ['refers out of the file', { $ref: 'https://example.com/other' }, /other/],
  ['refers to nothing', { properties: { a: { $ref: '#/$defs/none' } } }, /none/],
  ['refers to nothing but itself', { properties: { a: { $ref: '#/properties/a' } } }, /never end/],
  ['has a pattern that is none', { properties: { a: { pattern: '(' } } }, /regular expression/i],
  ['uses $dynamicRef', { $dynamicRef: '#node' }, /\$dynamicRef/],
  ['uses unevaluatedItems', { properties: { a: { unevaluatedItems: false } } }, /unevaluatedItems/],
  ['names a property __proto__', JSON.parse('{"properties":{"__proto__":{}}}'), /__proto__/],
  ['is asynchronous to ajv', { $async: true }, /\$async/],
  [
    'has unevaluatedProperties beside half an if',
    { if: {}, else: {}, unevaluatedProperties: false },
    /unevaluatedProperties/,
  ],
] as const) {
  test(`a schema that ${what} is unusable, with the reason`, () => {
    const compiled = compileJudge({ schema, limits: DEFAULT_LIMITS });
    assert.ok(compiled.kind === 'unusable');
    assert.match(compiled.reason, reason);
  });
}

test('a property may be named like a keyword that is not supported', () => {
  const schema = {
    properties: { unevaluatedItems: { type: 'string' }, $dynamicRef: { const: { unevaluatedItems: 1 } } },
  };
  assert.deepEqual(judge(schema, { unevaluatedItems: 'x' }), []);
});

test('a schema that refers to itself without end refuses the record instead of falling over', () => {
  const schema = { properties: { a: { allOf: [{ $ref: '#/properties/a' }] } } };
  assert.deepEqual(
    judge(schema, { a: 1 }).map(({ rule }) => rule),
    ['endless_schema'],
  );
});

test('a document that is no JSON Schema says where', () => {
  assert.deepEqual(faultsOfSchema({ type: 'object', properties: { a: { type: 'strnig' } } }).slice(0, 1), [
    '/properties/a/type must be equal to one of the allowed values',
  ]);
  assert.deepEqual(faultsOfSchema({ properties: { a: { pattern: '\\@' } } }), []);
});
