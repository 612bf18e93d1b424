import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonValue } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { contractChanges } from './classify-change.ts';
import { loadContracts } from './load-contracts.ts';

const ORDER = {
  $id: 'urn:shop:order:v1',
  type: 'object',
  required: ['order_id'],
  properties: {
    order_id: { type: 'string' },
    placed_at: { type: 'string', format: 'date-time' },
    export_id: { type: 'string' },
  },
};
const TRAITS = {
  table: 'orders',
  business_key: 'order_id',
  event_time: 'placed_at',
  lineage: ['export_id'],
  pii: { order_id: 'customer-number' },
};

async function readingsOf(files: Record<string, JsonValue>) {
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-contracts-'));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(dir, name), JSON.stringify(content));
  const shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
  const readings = shelf.all();
  await rm(dir, { recursive: true });
  return readings;
}

async function reasonOf(traits: JsonValue): Promise<string> {
  const [reading] = await readingsOf({ 'order.json': { ...ORDER, 'x-tidemark': traits } });
  return reading?.kind === 'unavailable' ? reading.reason.replace(/^.*order\.json /, '') : 'usable';
}

describe('a contract of one’s own', () => {
  test('names its table, key, event time, lineage and personal data under x-tidemark', async () => {
    const [reading] = await readingsOf({ 'order.json': { ...ORDER, 'x-tidemark': TRAITS } });
    assert.ok(reading?.kind === 'contract', JSON.stringify(reading));
    assert.deepEqual(reading.contract.traits, {
      table: 'orders',
      businessKey: 'order_id',
      eventTime: 'placed_at',
      versionOrder: [],
      deletion: null,
      lineage: ['export_id'],
      pii: { order_id: 'customer-number' },
      anchorProperties: [],
    });
    assert.equal(reading.contract.columns[0]?.doc, '[pii: customer-number]');
    assert.deepEqual(reading.contract.validate({ order_id: 'a' }), []);
    assert.equal(reading.contract.validate({}).length, 1);
  });

  for (const [what, traits, reason] of [
    ['no object', 'orders', /is no object of table, business_key/],
    [
      'a misspelt field',
      { ...TRAITS, busines_key: 'x' },
      /busines_key is no field; did you mean business_key/,
    ],
    ['no table', { business_key: 'order_id' }, /x-tidemark\/table must be a name/],
    [
      'a table that a shell or SQL would take apart',
      { ...TRAITS, table: 'a"; drop' },
      /table must be a name/,
    ],
    ['a table of Tidemark', { ...TRAITS, table: 'rejects' }, /must not be rejects/],
    ['the table of a built-in contract', { ...TRAITS, table: 'ticket' }, /must not be ticket/],
    ['no key', { table: 'orders' }, /business_key is missing/],
    [
      'a key that is no property',
      { ...TRAITS, business_key: 'orderid' },
      /no property; did you mean order_id/,
    ],
    ['a list with what is no property', { ...TRAITS, lineage: ['nobody'] }, /lineage names nobody/],
    [
      'a tag for what is no property',
      { ...TRAITS, pii: { oder_id: 'x' } },
      /pii names oder_id.*mean order_id/,
    ],
    [
      'a tag that is none',
      { ...TRAITS, pii: { order_id: 'E-mail address' } },
      /tags order_id with what is no tag/,
    ],
    ['tags that are a list', { ...TRAITS, pii: ['order_id'] }, /pii must be an object/],
    ['a uniqueness that is none', { ...TRAITS, unique: true }, /unique must be one of business_key, version/],
    [
      'unique versions that nothing tells apart',
      { table: 'orders', business_key: 'order_id', unique: 'version' },
      /unique is version, and neither version_order nor event_time/,
    ],
    [
      'an event time that is no time',
      { ...TRAITS, event_time: 'export_id' },
      /no date-time property export_id/,
    ],
  ] as const) {
    test(`with ${what} is refused, and says so`, async () =>
      assert.match(await reasonOf(traits as JsonValue), reason));
  }

  const LOG = {
    ...ORDER,
    required: ['order_id', 'op'],
    properties: { ...ORDER.properties, op: { enum: ['c', 'u', 'd'] }, gone: { type: 'boolean' }, why: {} },
  };
  for (const [what, deletion, change, reason] of [
    ['an operation', { property: 'op', values: ['d'] }, {}, 'usable'],
    ['a flag that may be absent', { property: 'gone', values: [true] }, {}, 'usable'],
    ['a time of deletion', { property: 'placed_at' }, {}, 'usable'],
    ['an unknown property', { property: 'operation', values: ['d'] }, {}, /must name, under property/],
    ['its own key', { property: 'order_id', values: ['d'] }, {}, /must name, under property/],
    ['no list of values', { property: 'op', values: 'd' }, {}, /a list of texts, or of true or false/],
    ['values of two kinds', { property: 'op', values: ['d', true] }, {}, /a list of texts/],
    ['a misspelt field', { property: 'op', value: ['d'] }, {}, /an object of property and values/],
    ['a value that cannot come', { property: 'op', values: ['delete'] }, {}, /"delete", which op cannot be/],
    ['values that nobody lists', { property: 'export_id', values: ['d'] }, {}, /export_id to have an enum/],
    [
      'an operation that may be absent',
      { property: 'op', values: ['d'] },
      { required: ['order_id'] },
      /needs op to be required/,
    ],
    [
      'a key that may be absent',
      { property: 'op', values: ['d'] },
      { required: ['op'] },
      /order_id to be required/,
    ],
    [
      'no order',
      { property: 'op', values: ['d'] },
      { 'x-tidemark': { table: 'orders', business_key: 'order_id' } },
      /needs a version_order/,
    ],
    [
      'a column that is none of texts',
      { property: 'op', values: ['d'] },
      { properties: { ...LOG.properties, op: { enum: ['d', 1] } } },
      /column is json/,
    ],
  ] as const)
    test(`whose records delete by ${what} is ${reason === 'usable' ? reason : 'refused, and says so'}`, async () => {
      const document = { ...LOG, 'x-tidemark': TRAITS, ...change };
      const traits = { ...document['x-tidemark'], deletion };
      const [reading] = await readingsOf({
        'order.json': { ...document, 'x-tidemark': traits } as JsonValue,
      });
      const told = reading?.kind === 'unavailable' ? reading.reason : 'usable';
      if (reason === 'usable') assert.equal(told, reason);
      else assert.match(told, reason);
    });

  test('that shares its table with another is refused, as the other is', async () => {
    const other = { ...ORDER, $id: 'urn:shop:order:v2', 'x-tidemark': TRAITS };
    const readings = await readingsOf({ 'a.json': { ...ORDER, 'x-tidemark': TRAITS }, 'b.json': other });
    for (const reading of readings)
      assert.match(
        reading.kind === 'unavailable' ? reading.reason : '',
        /a\.json and .*b\.json|b\.json and .*a\.json/,
      );
    assert.equal(readings.length, 2);
  });

  test('cannot give other traits to a built-in one', async () => {
    const $id = 'omni://contracts/data/ticket/v1';
    const [reading] = await readingsOf({ 'a.json': { ...ORDER, $id, 'x-tidemark': TRAITS } });
    assert.match(
      reading?.kind === 'unavailable' ? reading.reason : '',
      /built in: give the contract an \$id of its own/,
    );
  });

  test('says what of its table comes once; that it does is no change of what is valid', async () => {
    const after = { ...ORDER, 'x-tidemark': { ...TRAITS, unique: 'version' } };
    const [reading] = await readingsOf({ 'order.json': after });
    assert.equal(reading?.kind === 'contract' && reading.contract.traits.unique, 'version');
    const before = { ...ORDER, 'x-tidemark': TRAITS };
    assert.deepEqual(contractChanges(before, after, { businessKey: 'order_id' }), []);
  });

  test('of which other personal data is told is no change of what is valid', () => {
    const before = { ...ORDER, 'x-tidemark': TRAITS };
    const after = { ...ORDER, 'x-tidemark': { ...TRAITS, pii: { export_id: 'id' } } };
    assert.deepEqual(contractChanges(before, after, { businessKey: 'order_id' }), []);
  });

  test('whose key, table or lineage becomes another has changed its key', () => {
    const before = { ...ORDER, 'x-tidemark': TRAITS };
    const after = { ...ORDER, 'x-tidemark': { ...TRAITS, business_key: 'export_id' } };
    assert.deepEqual(
      contractChanges(before, after, { businessKey: 'order_id' }).map((change) => [
        change.class,
        change.pointer,
      ]),
      [['key_change', '']],
    );
  });
});
