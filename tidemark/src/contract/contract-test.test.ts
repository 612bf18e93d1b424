import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { type ContractTestReport, testContracts } from './contract-test.ts';

const REF = 'omni://contracts/data/ticket/v1';
const TICKET = {
  $id: REF,
  type: 'object',
  additionalProperties: false,
  required: ['ticket_id'],
  properties: { ticket_id: { type: 'string' }, created_at: { type: 'string', format: 'date-time' } },
};

const folder = await mkdtemp(join(tmpdir(), 'tidemark-contract-test-'));
after(() => rm(folder, { recursive: true, force: true }));
let folders = 0;

async function report(input: {
  readonly contracts: Record<string, JsonValue>;
  readonly fixtures: Record<string, JsonValue> | null;
}): Promise<ContractTestReport> {
  folders += 1;
  const contractsDir = join(folder, String(folders), 'data');
  const fixturesDir = join(folder, String(folders), 'fixtures');
  await mkdir(contractsDir, { recursive: true });
  if (input.fixtures !== null) await mkdir(fixturesDir);
  for (const [dir, files] of [
    [contractsDir, input.contracts],
    [fixturesDir, input.fixtures ?? {}],
  ] as const) {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }
  return testContracts({ contractsDir, fixturesDir, limits: DEFAULT_LIMITS });
}

/** The report of one case about the ticket. */
async function reportCase(one: JsonValue) {
  const told = await report({
    contracts: { 'ticket.json': TICKET },
    fixtures: { 'a.json': { contract: REF, cases: [one] } },
  });
  return { passes: told.passes, fault: told.fixtures[0]?.cases[0]?.fault, faults: told.fixtures[0]?.faults };
}

test('fixtures with the outcome that they claim pass', async () => {
  const told = await report({
    contracts: { 'ticket.json': TICKET },
    fixtures: {
      'a.json': {
        contract: REF,
        cases: [
          { name: 'short', record: { ticket_id: 'x' }, outcome: 'valid', violations: [] },
          {
            name: 'empty',
            record: {},
            outcome: 'invalid',
            violations: [{ rule: 'required', pointer: '/ticket_id' }],
          },
          { name: 'any reason', record: { ticket_id: 1, other: 2 }, outcome: 'invalid' },
        ],
      },
    },
  });
  assert.equal(told.passes, true);
  assert.deepEqual(told.notes, []);
  assert.deepEqual(
    told.fixtures[0]?.cases.map(({ name, fault, violations }) => [name, fault, violations.length]),
    [
      ['short', null, 0],
      ['empty', null, 1],
      ['any reason', null, 2],
    ],
  );
});

for (const [what, one, fault] of [
  [
    'a record claimed valid that is not',
    { name: 'a', record: {}, outcome: 'valid' },
    'is claimed valid and is invalid: required /ticket_id',
  ],
  [
    'a record claimed invalid that is valid',
    { name: 'a', record: { ticket_id: 'x' }, outcome: 'invalid' },
    'is claimed invalid and is valid',
  ],
  [
    'a record that breaks more than is claimed',
    {
      name: 'a',
      record: { ticket_id: 5, z: 1 },
      outcome: 'invalid',
      violations: [{ rule: 'type', pointer: '/ticket_id' }],
    },
    'is claimed to break type /ticket_id and breaks additionalProperties /z, type /ticket_id',
  ],
  [
    'a record that breaks something else than is claimed',
    { name: 'a', record: {}, outcome: 'invalid', violations: [] },
    'is claimed to break nothing and breaks required /ticket_id',
  ],
] as const) {
  test(`${what} fails, with the difference`, async () => {
    assert.deepEqual(await reportCase(one), { passes: false, fault, faults: [] });
  });
}

for (const [what, content, fault] of [
  ['is not JSON', '{', /is not JSON/],
  [
    'names no contract',
    { cases: [{ name: 'a', record: {}, outcome: 'valid' }] },
    /\/contract: expected required: string/,
  ],
  ['has no cases', { contract: REF, cases: [] }, /\/cases: expected at least 1 item, found \[\]/],
  [
    'claims an outcome that there is not',
    { contract: REF, cases: [{ name: 'a', record: {}, outcome: 'ok' }] },
    /\/cases\/0\/outcome: expected one of valid, invalid, found "ok"/,
  ],
  [
    'misspells a name',
    { contract: REF, cases: [{ name: 'a', record: {}, outcome: 'valid', violation: [] }] },
    /\/cases\/0\/violation: .*near: violations/,
  ],
  [
    'has a record that is none',
    { contract: REF, cases: [{ name: 'a', record: [], outcome: 'valid' }] },
    /\/cases\/0\/record: expected object/,
  ],
  [
    'names a contract that is not there',
    { contract: 'omni://contracts/data/doc_asset/v1', cases: [{ name: 'a', record: {}, outcome: 'valid' }] },
    /no file in .* has the \$id omni:\/\/contracts\/data\/doc_asset\/v1/,
  ],
] as const satisfies readonly (readonly [string, JsonValue, RegExp])[]) {
  test(`a fixture that ${what} fails, with the place`, async () => {
    const told = await report({ contracts: { 'ticket.json': TICKET }, fixtures: { 'a.json': content } });
    assert.equal(told.passes, false);
    assert.match(told.fixtures[0]?.faults.join('\n') ?? '', fault);
  });
}

test('a contract that cannot be used fails', async () => {
  const told = await report({ contracts: { 'ticket.json': { ...TICKET, type: 'objekt' } }, fixtures: {} });
  assert.equal(told.passes, false);
  assert.match(told.contracts[0]?.fault ?? '', /\/type/);
});

test('a contract without fixtures is a note, and so is a fixtures folder that is not there', async () => {
  const without = await report({ contracts: { 'ticket.json': TICKET }, fixtures: {} });
  assert.deepEqual([without.passes, without.notes], [true, [`${REF} has no fixtures`]]);
  const missing = await report({ contracts: { 'ticket.json': TICKET }, fixtures: null });
  assert.equal(missing.passes, true);
  assert.match(missing.notes.join('\n'), /the fixtures folder .* does not exist/);
});

test('a contracts folder that is not there fails', async () => {
  const told = await testContracts({
    contractsDir: join(folder, 'none'),
    fixturesDir: folder,
    limits: DEFAULT_LIMITS,
  });
  assert.equal(told.passes, false);
  assert.match(told.faults.join('\n'), /the contracts folder .* does not exist/);
});

test('every contract of the repository has fixtures, and they pass', async () => {
  const root = fileURLToPath(new URL('../../../contracts/', import.meta.url));
  const told = await testContracts({
    contractsDir: join(root, 'data'),
    fixturesDir: join(root, 'fixtures'),
    limits: DEFAULT_LIMITS,
  });
  const faults = told.fixtures.flatMap((file) => [
    ...file.faults,
    ...file.cases.flatMap((one) => (one.fault === null ? [] : [`${one.name} ${one.fault}`])),
  ]);
  assert.deepEqual({ faults, notes: told.notes }, { faults: [], notes: [] });
  assert.equal(told.passes, true);
});
