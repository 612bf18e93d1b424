import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { type ContractShelf, loadContracts } from './load-contracts.ts';
import { V1_CONTRACT_REFS } from './traits.ts';

const TICKET_REF = 'omni://contracts/data/ticket/v1';
const TICKET: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12',
  $id: TICKET_REF,
  type: 'object',
  additionalProperties: false,
  required: ['ticket_id', 'created_at'],
  properties: {
    ticket_id: { type: 'string' },
    source_id: { type: 'string' },
    created_at: { type: 'string', format: 'date-time' },
    views: { type: 'integer', maximum: 10 },
  },
};

const folder = await mkdtemp(join(tmpdir(), 'tidemark-contracts-'));
after(() => rm(folder, { recursive: true, force: true }));
let folders = 0;

/** A folder of files: text as it stands, bytes as they stand, anything else as JSON. */
async function shelve(
  files: Record<string, JsonValue | Uint8Array>,
  { judged = new Set() }: { judged?: ReadonlySet<string> } = {},
): Promise<ContractShelf> {
  folders += 1;
  const dir = join(folder, String(folders));
  await mkdir(dir);
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(join(dir, name), isRaw ? content : JSON.stringify(content));
  }
  return loadContracts({ dir, limits: DEFAULT_LIMITS, judged });
}

function contractOf(shelf: ContractShelf, ref = TICKET_REF) {
  const found = shelf.get(ref);
  assert.ok(found.kind === 'contract', JSON.stringify(found));
  return found.contract;
}

function reasonOf(shelf: ContractShelf, ref = TICKET_REF): string {
  const found = shelf.get(ref);
  assert.ok(found.kind === 'unavailable');
  assert.equal(found.ref, ref);
  return found.reason;
}

test('a contract is found by its $id, whatever its file is called', async () => {
  const contract = contractOf(await shelve({ 'zzz.json': TICKET, 'notes.txt': 'not a contract' }));
  assert.equal(contract.ref, TICKET_REF);
  assert.equal(contract.traits.table, 'ticket');
  assert.deepEqual(
    contract.columns.map(({ name, type }) => `${name} ${type.kind}`),
    ['ticket_id string', 'record_source_id string', 'created_at timestamptz', 'views long'],
  );
  assert.deepEqual(contract.validate({ ticket_id: 'x', created_at: '2026-01-01T00:00:00Z', views: 3 }), []);
  assert.deepEqual(
    contract.validate({ ticket_id: 'x', created_at: 'noon', views: 11 }).map(({ rule }) => rule),
    ['format', 'maximum'],
  );
});

test('$schema without /schema is normalised in the copy, and the original is what is hashed', async () => {
  const official = { ...TICKET, $schema: 'https://json-schema.org/draft/2020-12/schema' };
  const short = contractOf(await shelve({ 'a.json': TICKET }));
  const long = contractOf(await shelve({ 'a.json': official }));
  assert.equal(short.schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.notEqual(short.hash, long.hash);
  assert.match(short.hash, /^[0-9a-f]{64}$/);
});

test('the identity of a contract is its content: layout, order and spelling of numbers do not count', async () => {
  const reordered = Object.fromEntries(Object.entries(TICKET).reverse());
  const spelled = JSON.stringify(reordered, null, 4).replace('"maximum": 10', '"maximum": 1.0e1');
  assert.ok(spelled.includes('1.0e1'));
  const hashes = [
    contractOf(await shelve({ 'a.json': TICKET })).hash,
    contractOf(await shelve({ 'a.json': `\ufeff${spelled}\n` })).hash,
  ];
  assert.equal(hashes[0], hashes[1]);
  const other = contractOf(await shelve({ 'a.json': { ...TICKET, description: 'changed' } }));
  assert.notEqual(other.hash, hashes[0]);
});

test('a bound of 64 bits is read exactly, not through a double', async () => {
  const bounded = (most: string) => JSON.stringify(TICKET).replace('"maximum":10', `"maximum":${most}`);
  const typeOf = async (most: string) =>
    contractOf(await shelve({ 'a.json': bounded(most) })).columns.find(({ name }) => name === 'views')?.type
      .kind;
  assert.equal(await typeOf('9223372036854775807'), 'long');
  assert.equal(await typeOf('9223372036854775808'), 'json');
});

for (const [what, content, reason] of [
  ['is not JSON', '{"$id": "omni', /a\.json is not JSON/],
  ['is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /a\.json is not legal UTF-8/],
  ['is not an object', '[1]', /a\.json is not a JSON object/],
  ['has no $id', { type: 'object' }, /a\.json has no \$id/],
  ['has a name twice', `{"$id":"${TICKET_REF}","type":"object","type":"object"}`, /the name "type" twice/],
  ['is nested without end', '['.repeat(200_000), /nested too deeply|is not JSON/],
  ['is nested very deeply', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /nested too deeply/],
] as const satisfies readonly (readonly [string, JsonValue | Uint8Array, RegExp])[]) {
  test(`a file that ${what} is told of by the contract that is then missing`, async () => {
    const shelf = await shelve({ 'a.json': content });
    assert.match(reasonOf(shelf), reason);
    const [only, ...others] = shelf.all();
    assert.equal(others.length, 0);
    assert.ok(only?.kind === 'unavailable' && only.ref === null);
    assert.match(only.reason, reason);
  });
}

for (const [what, change, reason] of [
  ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, /declares another \$schema/],
  [
    'a type that there is not',
    { properties: { a: { type: 'strnig' } } },
    /not a JSON Schema 2020-12: \/properties\/a\/type/,
  ],
  [
    'a pattern that is none',
    { properties: { ticket_id: { pattern: '(' } } },
    /cannot judge records: .*regular expression/i,
  ],
  ['a reference out of the file', { properties: { ticket_id: { $ref: 'other.json' } } }, /other\.json/],
  [
    'no business key',
    { properties: { created_at: { type: 'string', format: 'date-time' } } },
    /no property ticket_id/,
  ],
  [
    'an event time that is no date-time',
    { properties: { ticket_id: {}, created_at: { type: 'string' } } },
    /no date-time property created_at/,
  ],
  ['no properties', { properties: {} }, /names no properties/],
] as const) {
  test(`a contract with ${what} is unavailable, with the reason`, async () => {
    const shelf = await shelve({ 'a.json': { ...TICKET, ...change } as JsonObject });
    assert.match(reasonOf(shelf), /\/a\.json /);
    assert.match(reasonOf(shelf), reason);
  });
}

test('two files with one $id make it unavailable, and name each other', async () => {
  assert.match(
    reasonOf(await shelve({ 'a.json': TICKET, 'b.json': TICKET })),
    /a\.json and .*b\.json have the same \$id/,
  );
});

test('a contract without traits, built in or its own, is unavailable and says so', async () => {
  const ref = 'omni://contracts/data/invoice/v1';
  assert.match(
    reasonOf(await shelve({ 'a.json': { ...TICKET, $id: ref } }), ref),
    /no x-tidemark: table and business_key are built in for/,
  );
});

test('a misspelt reference is answered with the nearest one', async () => {
  const shelf = await shelve({ 'a.json': TICKET });
  assert.match(
    reasonOf(shelf, 'omni://contracts/data/tiket/v1'),
    /the nearest is omni:\/\/contracts\/data\/ticket\/v1/,
  );
  assert.doesNotMatch(reasonOf(shelf, 'omni://contracts/data/audio_asset/v1'), /nearest/);
});

test('one bad file does not take the good ones with it', async () => {
  const shelf = await shelve({ 'a.json': '{', 'b.json': TICKET });
  contractOf(shelf);
  assert.deepEqual(
    shelf.all().map(({ kind }) => kind),
    ['unavailable', 'contract'],
  );
});

test('a file larger than the limit is not read', async () => {
  const dir = join(folder, 'large');
  await mkdir(dir);
  await writeFile(join(dir, 'a.json'), JSON.stringify(TICKET));
  const shelf = await loadContracts({ dir, limits: { ...DEFAULT_LIMITS, declarationBytesMax: 100 } });
  assert.match(reasonOf(shelf), /a\.json is \d+ bytes long, more than the 100 that are read/);
});

test('without the folder every contract is unavailable for that reason', async () => {
  const shelf = await loadContracts({ dir: join(folder, 'nowhere'), limits: DEFAULT_LIMITS });
  assert.match(reasonOf(shelf), /the contracts folder .*nowhere does not exist/);
  assert.deepEqual(shelf.all(), []);
});

test('a folder among the files is no contract', async () => {
  const dir = join(folder, 'nested');
  await mkdir(join(dir, 'inner.json'), { recursive: true });
  const shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
  assert.match(reasonOf(shelf), /inner\.json cannot be read/);
});

test('the four contracts of the repository load, without a note', async () => {
  const dir = fileURLToPath(new URL('../../../contracts/data/', import.meta.url));
  const shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
  for (const ref of V1_CONTRACT_REFS) contractOf(shelf, ref);
  assert.deepEqual(
    shelf.all().map((reading) => (reading.kind === 'contract' ? reading.notes : reading.reason)),
    [[], [], [], []],
  );
});

test('a contract that was judged by before gives the same verdicts; one that was not is held against the draft', async () => {
  const fresh = contractOf(await shelve({ 'a.json': TICKET }));
  const judged = new Set([fresh.hash]);
  const known = contractOf(await shelve({ 'a.json': TICKET }, { judged }));
  for (const record of [
    { ticket_id: 'a', created_at: '2026-01-01T00:00:00Z' },
    { ticket_id: 1, created_at: 'never', views: 11 },
  ])
    assert.deepEqual(known.validate(record), fresh.validate(record));
  assert.deepEqual({ ...known, path: '', validate: null }, { ...fresh, path: '', validate: null });
  const edited = await shelve({ 'a.json': { ...TICKET, required: 'ticket_id' } }, { judged });
  assert.match(reasonOf(edited), /is not a JSON Schema 2020-12/);
});
