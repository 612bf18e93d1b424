import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildContract } from '../../contract/build-contract.ts';
import type { Contract } from '../../contract/contract.ts';
import type { ExactObject } from '../../model/exact-number.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { DEFAULT_LIMITS } from '../../model/limits.ts';

export const REF = 'omni://contracts/data/ticket/v1';

export function contractOf(document: ExactObject): Contract {
  const reading = buildContract({ ref: REF, path: 'ticket.json', document, limits: DEFAULT_LIMITS });
  assert.ok(reading.kind === 'contract', JSON.stringify(reading));
  return reading.contract;
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
  'a@example.org',
  'https://example.org/ü',
  'https://example.org/a?b#c',
  '123e4567-e89b-12d3-a456-426614174000',
  '12:00:00Z',
  '(',
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
      format: fc.constantFrom(
        'date-time',
        'date',
        'email',
        'uri',
        'uuid',
        'time',
        'regex',
        'int32',
        'password',
        'unheard-of',
      ),
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
/** Contracts of flat records, with keywords that the compiled lane knows and with others. */
export const contracts = fc
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

const space = (draw: Draw) => ['', '', '', '', ' ', '\t', ' \r'][draw(7)] as string;

function spell(value: Spelt, style: { readonly draw: Draw; readonly gap: () => string }): string {
  const { draw, gap } = style;
  if (Array.isArray(value)) {
    return `[${gap()}${value.map((item) => spell(item, style) + gap()).join(`,${gap()}`)}]`;
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
      return { value, json: JSON.parse(spell(value, { draw: () => 4, gap: () => '' })) as JsonValue };
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
  const isTight = draw(2) === 0;
  const gap = () => (isTight ? '' : space(draw));
  const members = [...allowed].flatMap(([name, values]) => {
    if (draw(8) === 0) return [];
    const from = draw(15) === 0 || values.length === 0 ? VALUES : values;
    const key = draw(60) === 0 ? spellText(name, draw) : JSON.stringify(name);
    return [
      `${gap()}${key}${gap()}:${gap()}${spell(from[draw(from.length)] as Spelt, { draw, gap })}${gap()}`,
    ];
  });
  if (draw(3) === 0) members.reverse();
  if (draw(30) === 0) members.push(members[0] ?? '"unknown":1');
  if (draw(30) === 0) members.push(['"unknown":null', '"__proto__":{}', '"":0', 'a:1'][draw(4)] as string);
  const bytes = Buffer.from(`${gap()}{${members.join(',')}}${gap()}`);
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

/** A file of lines that are mostly records of the contract: the same one for the same seed. */
export function fileOf(contract: Contract, { seed, lines }: { seed: number; lines: number }): Buffer {
  const draw = drawsOf(seed);
  const allowed = allowedValues(contract);
  const ended = Array.from({ length: lines }, () =>
    Buffer.concat([lineOf(allowed, draw), Buffer.from(draw(4) === 0 ? '\r\n' : '\n')]),
  );
  const whole = Buffer.concat([Buffer.from(draw(3) === 0 ? '\ufeff' : ''), ...ended]);
  return draw(3) === 0 ? whole.subarray(0, -1) : whole;
}
