import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { buildContract } from '../../contract/build-contract.ts';
import type { Contract } from '../../contract/contract.ts';
import type { ExactObject } from '../../model/exact-number.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { DEFAULT_LIMITS, type Limits } from '../../model/limits.ts';
import { refineRecords } from '../refine-records.ts';
import type { Lane, RecordWindow } from '../refined.ts';
import { compileScanner, ROOT_KEYWORDS } from './compile-scanner.ts';
import { PROVEN_FORMATS, PROVEN_KEYWORDS } from './property-reader.ts';

const REF = 'omni://contracts/data/ticket/v1';
const TICKET = contractOf(
  JSON.parse(readFileSync(new URL('../../../../contracts/data/ticket.json', import.meta.url), 'utf8')),
);
const root = mkdtempSync(join(tmpdir(), 'tidemark-lanes-'));
after(() => rmSync(root, { recursive: true }));

function contractOf(document: ExactObject): Contract {
  const reading = buildContract({ ref: REF, path: 'ticket.json', document, limits: DEFAULT_LIMITS });
  assert.ok(reading.kind === 'contract', JSON.stringify(reading));
  return reading.contract;
}

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
  const { acceptedParts, fingerprintsPath, rejectsPath, outOfWindowPath, ...unit } = await refineRecords({
    path,
    contract: given.contract,
    window: given.window ?? null,
    scratchDir,
    limits: { ...DEFAULT_LIMITS, ...given.limits },
    signal: new AbortController().signal,
    lane: given.lane,
  });
  const named = [...acceptedParts, fingerprintsPath, rejectsPath, outOfWindowPath].map((file) =>
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

const INSTANTS = [
  '2024-02-29T23:59:59Z',
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-05-01T00:00:00.5Z',
  '2024-05-01T00:00:00.123456Z',
  ...Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}-01T00:00:00Z`),
  '2024-05-01T00:00:00.1234567Z',
  '2024-05-01T00:00:00.Z',
  '2024-05-01t00:00:00z',
  '2024-05-01 00:00:00Z',
  '2024-05-01T24:00:00Z',
  '2024-05-01T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+02:00',
  '2024-05-01T00:00:00+05:30',
  '2024-05-01',
  '2024-13-01',
  '0000-02-29',
];
const TEXTS = [
  '',
  'open',
  'closed',
  'a/b',
  'ü',
  '日本',
  '👩‍🚀',
  'TKT-1',
  '"',
  '\\',
  '\n',
  '\u0001\u007f',
  '\u2028',
  'ab',
  'abc',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '7',
  '10',
  '1.0',
  '1.5',
  '0.1',
  '1e3',
  '1E3',
  '1e+21',
  '1e-7',
  '0.0000001',
  '100000000000000000000000',
  '9007199254740993',
  '123456789012345',
  '1234567890123456',
  '1e999',
  '01',
  '.5',
  '5.',
  '-',
  '+1',
  'NaN',
  '-Infinity',
];

const annotated = (schema: object) => fc.constantFrom(schema, { ...schema, description: 'd', examples: [1] });
const nullable = (type: string) => fc.constantFrom<string | string[]>(type, [type, 'null'], [type]);
const stringSchema = fc
  .record(
    {
      type: nullable('string'),
      enum: fc.subarray<string | null>([...TEXTS.slice(0, 10), null], { minLength: 1 }),
      const: fc.constantFrom<string | null>('open', 'ü', null),
      pattern: fc.constantFrom('^TKT-[0-9]$', 'a', '^.$', '^(?:a|b)+$', '^\\p{L}{2}$', '^ab[c-e]$'),
      minLength: fc.nat(3),
      maxLength: fc.nat(3),
      format: fc.constantFrom('date-time', 'date', 'email', 'unheard-of'),
      contentEncoding: fc.constant('base64'),
    },
    { requiredKeys: ['type'] },
  )
  .chain((schema) =>
    fc
      .subarray(
        Object.entries(schema).filter(([key]) => key !== 'type'),
        { maxLength: 2 },
      )
      .map((kept) => ({ type: schema.type, ...Object.fromEntries(kept) })),
  );
const bounds = fc.record(
  {
    minimum: fc.integer({ min: -2, max: 2 }),
    maximum: fc.integer({ min: 1, max: 10 }),
    exclusiveMinimum: fc.constant(0),
    multipleOf: fc.constant(2),
  },
  { requiredKeys: [] },
);
const numberSchema = fc
  .tuple(fc.oneof(nullable('integer'), nullable('number'), fc.constant(['integer', 'number'])), bounds)
  .map(([type, more]) => ({ type, ...more }));
const scalarSchema = fc.oneof(
  stringSchema,
  numberSchema,
  nullable('boolean').map((type) => ({ type })),
  fc.constantFrom<object>(
    { enum: ['open', 'closed'] },
    { const: 'open' },
    { enum: ['open', 1] },
    { type: ['string', 'integer'] },
    {},
  ),
);
const listSchema = fc
  .tuple(
    nullable('array'),
    scalarSchema,
    fc.record(
      { minItems: fc.nat(2), maxItems: fc.nat(2), uniqueItems: fc.constant(true) },
      { requiredKeys: [] },
    ),
  )
  .map(([type, items, more]) => ({ type, items, ...more }));
const otherSchema = fc.constantFrom<object>(
  { type: 'object' },
  { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
  { not: { type: 'null' } },
  { anyOf: [{ type: 'string' }, { type: 'null' }] },
  { type: 'array', items: { type: 'array', items: { type: 'string' } } },
);
const propertySchema = fc
  .oneof({ weight: 4, arbitrary: scalarSchema }, { weight: 2, arbitrary: listSchema }, otherSchema)
  .chain(annotated);

const NAMES = ['a', 'b', 'ab', 'ba', 'ümläut', 'with "quote"', 'constructor', 'run_id'];
const TIME = { type: ['string', 'null'], format: 'date-time' };
const contracts = fc
  .record({
    properties: fc.dictionary(fc.constantFrom(...NAMES), propertySchema, { maxKeys: 5 }),
    required: fc.oneof(
      { weight: 4, arbitrary: fc.subarray(['ticket_id', 'created_at']) },
      fc.subarray(['a', 'b', 'nowhere']),
    ),
    root: fc.constantFrom<object>(
      { additionalProperties: false },
      { additionalProperties: false },
      { additionalProperties: true },
      {},
      {},
      {},
      { minProperties: 1 },
    ),
  })
  .map(({ properties, required, root }) =>
    contractOf({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: REF,
      type: 'object',
      ...root,
      required,
      properties: {
        ticket_id: { type: 'string' },
        created_at: TIME,
        source_id: { type: 'string' },
        ...properties,
      },
    } as unknown as ExactObject),
  );

/** Draws below a number, the same ones for the same seed. */
function drawsOf(seed: number) {
  let state = seed | 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) ^ (state >>> 20)) % below;
  };
}
type Draw = ReturnType<typeof drawsOf>;

/** A text as JSON writers of the world spell it: escaped or not, and in which way. */
function spellText(text: string, draw: Draw): string {
  const plain = draw(5) > 0;
  const units = text.split('').map((unit) => {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const needsEscape = JSON.stringify(unit) !== `"${unit}"`;
    switch (plain ? 9 : draw(6)) {
      case 0:
        return escaped;
      case 1:
        return escaped.toUpperCase().replace('U', 'u');
      case 2:
        return unit === '/' ? '\\/' : escaped;
      default:
        // One half of a surrogate pair is left as it is: its other half follows.
        return needsEscape && !/[\ud800-\udfff]/.test(unit) ? JSON.stringify(unit).slice(1, -1) : unit;
    }
  });
  return `"${units.join('')}"`;
}

const space = (draw: Draw) => ['', '', '', '', ' ', '\t', ' \r'][draw(7)];

function spell(value: Spelt, draw: Draw): string {
  if (Array.isArray(value)) {
    return `[${space(draw)}${value.map((item) => spell(item, draw) + space(draw)).join(`,${space(draw)}`)}]`;
  }
  const scalar = value as Exclude<Spelt, readonly Spelt[]>;
  return 'text' in scalar ? spellText(scalar.text, draw) : scalar.json;
}

/** A value to be spelt: a text, a list, or JSON as it stands, legal or not. */
type Spelt = { readonly text: string } | { readonly json: string } | readonly Spelt[];

const SCALARS: readonly Spelt[] = [
  ...[...TEXTS, ...INSTANTS].map((text) => ({ text })),
  ...[...NUMBERS, 'true', 'false', 'null'].map((json) => ({ json })),
];
const VALUES: readonly Spelt[] = [
  ...SCALARS,
  [],
  ...SCALARS.map((item) => [item]),
  ...SCALARS.map((item, at) => [item, SCALARS[(at * 7 + 1) % 20] as Spelt]),
  ...SCALARS.map((item) => [item, item]),
  ...[
    'tru',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\x"',
    '"\u0001"',
    '"open',
    '{}',
    '{"a":"x"}',
    '[[]]',
    '[1,]',
    '{"a":1,"a":2}',
  ].map((json) => ({ json })),
];

/** For every property the values that its schema allows, as far as one can be told apart from the others. */
function allowedValues(contract: Contract): ReadonlyMap<string, readonly Spelt[]> {
  const read = VALUES.map((value) => {
    try {
      return { value, json: JSON.parse(spell(value, () => 4)) as JsonValue };
    } catch {
      return { value, json: undefined };
    }
  });
  return new Map(
    Object.keys(contract.schema.properties as JsonObject).map((name) => {
      const allows = (json: JsonValue) =>
        !contract.validate({ [name]: json }).some(({ pointer }) => pointer.startsWith(`/${name}`));
      return [name, read.flatMap(({ value, json }) => (json !== undefined && allows(json) ? [value] : []))];
    }),
  );
}

/** A line that is mostly a valid record of the contract, or that record damaged. */
function lineOf(allowed: ReturnType<typeof allowedValues>, draw: Draw): Buffer {
  const members = [...allowed].flatMap(([name, values]) => {
    if (draw(8) === 0) return [];
    const from = draw(15) === 0 || values.length === 0 ? VALUES : values;
    const key = draw(60) === 0 ? spellText(name, draw) : JSON.stringify(name);
    return [
      `${space(draw)}${key}${space(draw)}:${space(draw)}${spell(from[draw(from.length)] as Spelt, draw)}${space(draw)}`,
    ];
  });
  if (draw(3) === 0) members.reverse();
  if (draw(30) === 0) members.push(members[0] ?? '"unknown":1');
  if (draw(30) === 0) members.push(['"unknown":null', '"__proto__":{}', '"":0', 'a:1'][draw(4)] as string);
  const bytes = Buffer.from(`${space(draw)}{${members.join(',')}}${space(draw)}`);
  const at = draw(bytes.length);
  const byte = [0x22, 0x5c, 0x2c, 0x7d, 0x0d, 0xc3, 0xff, 0xed, 0x30, 0x00][draw(10)] as number;
  switch (draw(24)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)]);
    case 4:
      return Buffer.from([' ', '', '[]', '1', '{}', '{} {}'][draw(6)] as string);
    default:
      return bytes;
  }
}

function countProven(content: Buffer, contract: Contract): number {
  const plan = compileScanner(contract, DEFAULT_LIMITS);
  if (plan.kind === 'none') return 0;
  const lines = content.toString('latin1').split('\n');
  return lines.filter((line) => plan.scanner.prove(Buffer.from(line, 'latin1'), 0, line.length)).length;
}

function fileOf(contract: Contract, { seed, lines }: { seed: number; lines: number }): Buffer {
  const draw = drawsOf(seed);
  const allowed = allowedValues(contract);
  const ended = Array.from({ length: lines }, () =>
    Buffer.concat([lineOf(allowed, draw), Buffer.from(draw(4) === 0 ? '\r\n' : '\n')]),
  );
  const whole = Buffer.concat([Buffer.from(draw(3) === 0 ? '\ufeff' : ''), ...ended]);
  return draw(3) === 0 ? whole.subarray(0, -1) : whole;
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

  it('agree on a window, whatever its field', async () => {
    for (const [field, startAt, endBefore] of [
      ['created_at', '2026-03-10', '2026-03-15T12:00:00Z'],
      ['resolved_at', '2026-03-10', null],
      ['ticket_id', 'TKT-20260310', null],
    ] as const) {
      await assertEqualLanes(tickets, { contract: TICKET, window: { field, startAt, endBefore } });
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
    const keywords = (text: string) => [...text.matchAll(/`(\$?\w+)`/g)].map(([, name]) => name);
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
            home: { type: 'string', format: 'uri' },
            words: { type: 'array', items: { type: 'string' }, uniqueItems: true },
          },
          ...more,
        } as ExactObject),
        DEFAULT_LIMITS,
      );
    const open = plan({});
    assert.deepEqual(open.kind === 'scanner' && open.unproven, {
      of: 'type object',
      home: 'format uri',
      words: 'uniqueItems',
    });
    assert.deepEqual(plan({ required: ['home'] }), {
      kind: 'none',
      why: 'home, which is required: format uri',
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
