import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Contract } from '../../contract/contract.ts';
import type { ExactObject } from '../../model/exact-number.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { DEFAULT_LIMITS, type Limits } from '../../model/limits.ts';
import { refineRecords } from '../refine-records.ts';
import type { Lane, RecordWindow } from '../refined.ts';
import { compileScanner, ROOT_KEYWORDS } from './compile-scanner.ts';
import { PROVEN_FORMATS, PROVEN_KEYWORDS } from './property-reader.ts';
import { contractOf, contracts, fileOf, REF } from './two-lanes.fixture.ts';

const TICKET = contractOf(
  JSON.parse(readFileSync(new URL('../../../../contracts/data/ticket.json', import.meta.url), 'utf8')),
);
const root = mkdtempSync(join(tmpdir(), 'tidemark-lanes-'));
after(() => rmSync(root, { recursive: true }));

interface Given {
  readonly contract: Contract;
  readonly limits?: Partial<Limits>;
  readonly window?: RecordWindow | null;
}

/** Everything that one lane makes of a file: what it returns, and every byte that it writes. */
async function refine(content: Buffer, given: Given & { readonly lane: Lane }) {
  const folder = mkdtempSync(join(root, 'unit-'));
  const path = join(folder, 'object.jsonl');
  const scratchDir = mkdtempSync(join(folder, 'scratch-'));
  writeFileSync(path, content);
  const { acceptedParts, fingerprintsPaths, rejectsPath, outOfWindowPath, ...unit } = await refineRecords({
    path,
    contract: given.contract,
    window: given.window ?? null,
    scratchDir,
    limits: { ...DEFAULT_LIMITS, ...given.limits },
    signal: new AbortController().signal,
    lane: given.lane,
  });
  const named = [...acceptedParts, ...fingerprintsPaths, rejectsPath, outOfWindowPath].map((file) =>
    file === null ? null : file.slice(scratchDir.length),
  );
  const files = readdirSync(scratchDir)
    .sort()
    .map((name) => [name, readFileSync(join(scratchDir, name), 'utf8')]);
  rmSync(folder, { recursive: true });
  return { unit, named, files };
}

async function assertEqualLanes(content: Buffer, given: Given): Promise<void> {
  const compiled = await refine(content, { ...given, lane: 'compiled' });
  const explaining = await refine(content, { ...given, lane: 'explaining' });
  assert.deepEqual(compiled, explaining);
}

function countProven(content: Buffer, contract: Contract): number {
  const plan = compileScanner(contract, DEFAULT_LIMITS);
  if (plan.kind === 'none') return 0;
  const lines = content.toString('latin1').split('\n');
  return lines.filter((line) => plan.scanner.prove(Buffer.from(line, 'latin1'), 0, line.length)).length;
}

const tickets = readFileSync(new URL('../../../../data/seeds/tickets/helpdesk-main.jsonl', import.meta.url));

describe('both lanes', () => {
  it('write the same bytes and come to the same sums, for every contract and file', async () => {
    let proven = 0;
    let read = 0;
    const seeds = fc.record({ seed: fc.integer(), lines: fc.nat(150) });
    const sizes = fc.record({
      chunkBytes: fc.integer({ min: 1, max: 3000 }),
      lineBytesMax: fc.integer({ min: 200, max: 2000 }),
      recordDepthMax: fc.constantFrom(1, 2, 64, 64, 64),
      partBytesMax: fc.integer({ min: 1000, max: 50_000 }),
    });
    const windows = fc.option(fc.constantFrom('created_at', 'ticket_id'));
    await fc.assert(
      fc.asyncProperty(contracts, seeds, sizes, windows, async (contract, of, limits, field) => {
        const window = field && {
          field,
          startAt: field === 'ticket_id' ? 'b' : '2024-05-01',
          endBefore: null,
        };
        const content = fileOf(contract, of);
        const compiled = await refine(content, { contract, window, limits, lane: 'compiled' });
        const explaining = await refine(content, { contract, window, limits, lane: 'explaining' });
        assert.deepEqual(compiled, explaining);
        proven += countProven(content, contract);
        read += compiled.unit.tally.read;
      }),
      { numRuns: 150 },
    );
    assert.ok(proven > read / 20, `${proven} of ${read} lines were proven: too few to say anything`);
  });

  it('agree on tickets with bytes changed, taken out, put in or repeated', async () => {
    const lines = tickets.toString('latin1').trimEnd().split('\n').slice(0, 60);
    const edit = fc.tuple(fc.nat(), fc.constantFrom('change', 'cut', 'put', 'repeat'), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 200, maxLength: 200 }), async (edits) => {
        const damaged = edits.map(([which, how, where, more]) => {
          const line = lines[which % lines.length] as string;
          const at = where % line.length;
          const other = lines[more % lines.length] as string;
          if (how === 'cut') return line.slice(0, at) + line.slice(at + 1 + (more % 3));
          if (how === 'repeat') return line.slice(0, at) + line.slice(Math.max(0, at - (more % 60)));
          const byte = other[more % other.length] as string;
          return line.slice(0, at) + byte + line.slice(how === 'put' ? at : at + 1);
        });
        await assertEqualLanes(Buffer.from(damaged.join('\n'), 'latin1'), { contract: TICKET });
      }),
      { numRuns: 30 },
    );
  });

  it('agree on a window, whatever its field and whatever becomes of records without it', async () => {
    for (const [field, startAt, endBefore] of [
      ['created_at', '2026-03-10', '2026-03-15T12:00:00Z'],
      ['resolved_at', '2026-03-10', null],
      ['ticket_id', 'TKT-20260310', null],
    ] as const) {
      const window = { field, startAt, endBefore };
      await assertEqualLanes(tickets, { contract: TICKET, window });
      for (const nullCursor of ['quarantine', 'include'] as const)
        await assertEqualLanes(tickets, { contract: TICKET, window: { ...window, nullCursor } });
    }
  });
});

describe('the compiled lane', () => {
  it('proves every valid ticket without the judge, and leaves everything else to it', async () => {
    let judged = 0;
    const contract: Contract = {
      ...TICKET,
      validate(record) {
        const violations = TICKET.validate(record);
        assert.ok(violations.length > 0 || !hasPlainInstants(record), JSON.stringify(record));
        judged += 1;
        return violations;
      },
    };
    const { unit } = await refine(tickets, { contract, lane: 'compiled' });
    assert.ok(unit.tally.accepted > 0 && judged > 0);
    assert.ok(judged <= unit.tally.rejected + 5);
  });

  it('proves valid tickets also where they are spelt with spaces and with escapes for all that is not ASCII', async () => {
    const lines = tickets.toString('utf8').trimEnd().split('\n');
    const valid = lines.filter((line) => isPlainTicket(line));
    const spelt = valid.map((line) =>
      JSON.stringify(JSON.parse(line), null, 1)
        .replaceAll('\n', ' ')
        .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    );
    assert.ok(valid.length > 100 && spelt.some((line) => line.includes('\\u')));
    const contract: Contract = { ...TICKET, validate: () => assert.fail('a valid ticket was not proven') };
    const { unit } = await refine(Buffer.from(spelt.join('\n')), { contract, lane: 'compiled' });
    const plain = await refine(Buffer.from(valid.join('\n')), { contract: TICKET, lane: 'explaining' });
    assert.deepEqual(unit.accepted, plain.unit.accepted);
  });

  it('proves the keywords that its page lists', () => {
    const page = readFileSync(new URL('../../../../docs/LANES.md', import.meta.url), 'utf8');
    const keywords = (text: string) => [...text.matchAll(/`([\w$-]+)`/g)].map(([, name]) => name);
    const rows = [...page.matchAll(/^\| (\w+) \| (`.*) \|$/gm)].map(([, type, cell]) => [
      type,
      keywords(cell ?? ''),
    ]);
    assert.deepEqual(Object.fromEntries(rows), PROVEN_KEYWORDS);
    const [, ofRoot = ''] = /^- Of the root: (.*)$/m.exec(page) ?? [];
    assert.deepEqual(keywords(ofRoot), ROOT_KEYWORDS);
    const [, formats = ''] = /^- Formats: (.*)$/m.exec(page) ?? [];
    for (const name of Object.keys(PROVEN_FORMATS)) assert.ok(formats.includes(`\`${name}\``), name);
  });

  it('says of a contract what it leaves to the other lane', () => {
    const plan = (more: object) =>
      compileScanner(
        contractOf({
          $id: REF,
          type: 'object',
          additionalProperties: false,
          properties: {
            ticket_id: { type: 'string' },
            created_at: { type: 'string', format: 'date-time' },
            of: { type: 'object' },
            home: { type: 'string', format: 'unheard-of' },
            words: { type: 'array', items: { type: 'string' }, uniqueItems: true },
          },
          ...more,
        } as ExactObject),
        DEFAULT_LIMITS,
      );
    const open = plan({});
    assert.deepEqual(open.kind === 'scanner' && open.unproven, {
      of: 'type object',
      home: 'format unheard-of',
      words: 'uniqueItems',
    });
    assert.deepEqual(plan({ required: ['home'] }), {
      kind: 'none',
      why: 'home, which is required: format unheard-of',
    });
    assert.deepEqual(plan({ minProperties: 3 }), { kind: 'none', why: 'minProperties' });
  });
});

const INSTANT_PROPERTIES = ['sla_due_at', 'created_at', 'updated_at', 'resolved_at'];

/** In the form that nearly all have: the others are valid too, and read by the other lane. */
function hasPlainInstants(record: JsonValue): boolean {
  return INSTANT_PROPERTIES.every((name) => {
    const text = (record as JsonObject)[name] ?? null;
    return text === null || /T\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(String(text));
  });
}

function isPlainTicket(line: string): boolean {
  try {
    const record = JSON.parse(line) as JsonValue;
    return TICKET.validate(record).length === 0 && hasPlainInstants(record);
  } catch {
    return false;
  }
}
