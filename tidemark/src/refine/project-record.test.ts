import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { columnsOf } from '../contract/columns.ts';
import type { Contract } from '../contract/contract.ts';
import { readDateTime } from '../contract/date-time.ts';
import { canonicalDecimal, canonicalJson, isExactDouble } from '../model/canonical-json.ts';
import { ExactNumber, type ExactObject, type ExactValue } from '../model/exact-number.ts';
import type { JsonObject } from '../model/json.ts';
import { compileProjection, type Projection } from './project-record.ts';

function contractOf(schema: JsonObject, traits: Partial<Contract['traits']> = {}): Contract {
  const all = {
    table: 't',
    businessKey: 'id',
    eventTime: 'at',
    versionOrder: [],
    deletion: null,
    lineage: [],
    pii: {},
    anchorProperties: [],
    ...traits,
  };
  const columns = columnsOf(schema, all);
  return { ref: 'r', path: 'p', hash: 'h', schema, traits: all, columns, validate: () => [] };
}

const CONTRACT = contractOf({
  additionalProperties: false,
  properties: {
    text: { type: 'string' },
    whole: { type: 'integer' },
    amount: { type: 'number' },
    flag: { type: 'boolean' },
    at: { type: ['string', 'null'], format: 'date-time' },
    day: { type: 'string', format: 'date' },
    any: {},
    amounts: { type: 'array', items: { type: 'number' } },
    part: {
      type: 'object',
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        since: { type: 'string', format: 'date-time' },
        counts: { type: 'array', items: { type: 'integer' } },
      },
    },
    source_id: { type: 'string' },
  },
});
const project = compileProjection(CONTRACT);

function numberOf(text: string): ExactValue {
  return isExactDouble(text) ? Number(text) : new ExactNumber(canonicalDecimal(text));
}

function cellsOf(projection: Projection): JsonObject {
  assert.ok(projection.kind === 'cells', JSON.stringify(projection));
  return JSON.parse(`{${projection.text}}`);
}

/** `pointer: received` of everything that a record's columns cannot hold. */
function refusedBy(record: ExactObject, projected = project): readonly string[] {
  const projection = projected(record);
  assert.ok(projection.kind === 'unrepresentable', JSON.stringify(projection));
  assert.deepEqual(new Set(projection.violations.map(({ rule }) => rule)), new Set(['unrepresentable']));
  return projection.violations.map(({ pointer, received }) => `${pointer}: ${received}`);
}

test('a record becomes one cell a column, by column name and in column order', () => {
  const projection = project({
    source_id: 'exported',
    whole: 1,
    text: 'a "b"\n',
    amount: 0.1,
    at: '2026-01-01T01:30:00.5+01:00',
    day: '2026-01-01',
    any: { b: [1, null], a: 'x' },
    amounts: [1, 2.5, null],
    part: { name: 'n', counts: [] },
  });
  assert.deepEqual(projection, {
    kind: 'cells',
    text:
      '"text":"a \\"b\\"\\n","whole":1,"amount":0.1,"flag":null,"at":"2026-01-01 00:30:00.500000+00",' +
      '"day":"2026-01-01","any":"{\\"a\\":\\"x\\",\\"b\\":[1,null]}","amounts":[1,2.5,null],' +
      '"part":{"name":"n","since":null,"counts":[]},"record_source_id":"exported"',
    eventTime: '2026-01-01 00:30:00.500000+00',
  });
});

test('absent and null are the same null cell', () => {
  assert.deepEqual(project({ text: null, any: null, at: null, amounts: null }), project({}));
  assert.equal(
    Object.values(cellsOf(project({}))).every((cell) => cell === null),
    true,
  );
});

for (const [record, refused] of [
  [{ whole: numberOf('9223372036854775808') }, ['/whole: 9223372036854775808']],
  [{ whole: numberOf('-9223372036854775809') }, ['/whole: -9223372036854775809']],
  [{ whole: numberOf('1e400') }, ['/whole: 1e+400']],
  [{ whole: numberOf('1.00000000000000000001') }, ['/whole: 1.00000000000000000001']],
  [{ whole: 1.5 }, ['/whole: 1.5']],
  [{ amount: numberOf('9007199254740993') }, ['/amount: 9007199254740993']],
  [{ amount: numberOf('1e400') }, ['/amount: 1e+400']],
  [{ amounts: [1, numberOf('1e-400'), numberOf('1e400')] }, ['/amounts/1: 1e-400', '/amounts/2: 1e+400']],
  [{ at: '2026-01-01T00:00:00.1234567Z' }, ['/at: "2026-01-01T00:00:00.1234567Z" (finer than microseconds)']],
  [{ at: '1990-12-31T23:59:60Z' }, ['/at: "1990-12-31T23:59:60Z" (a leap second)']],
  [
    { at: '0001-01-01T00:00:00+01:00' },
    ['/at: "0001-01-01T00:00:00+01:00" (outside the years 0001 to 9999 in UTC)'],
  ],
  [{ at: 'noon', flag: 'yes' }, ['/flag: "yes"', '/at: "noon"']],
  [{ day: '0000-01-01' }, ['/day: "0000-01-01"']],
  [{ text: 'a\ud800' }, ['/text: "a\\ud800"']],
  [{ text: 5 }, ['/text: 5']],
  [
    { part: { name: 1, since: 'x', counts: [0.5] } },
    ['/part/name: 1', '/part/since: "x"', '/part/counts/0: 0.5'],
  ],
  [{ part: { other: 1 } }, ['/part/other: 1']],
  [{ part: [] }, ['/part: []']],
  [{ amounts: {} }, ['/amounts: {}']],
] as const satisfies readonly (readonly [ExactObject, readonly string[]])[]) {
  test(`what no column holds exactly is refused: ${refused.join(', ')}`, () => {
    assert.deepEqual(refusedBy(record), refused);
  });
}

test('every spelling of a whole number is a whole number', () => {
  for (const [text, cell] of [
    ['1.0', '1'],
    ['1e3', '1000'],
    ['-0', '0'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['1152921504606846976', '1152921504606846976'],
    ['9007199254740993', '9007199254740993'],
  ] as const) {
    const projection = project({ whole: numberOf(text) });
    assert.ok(projection.kind === 'cells');
    assert.match(projection.text, new RegExp(`"whole":${cell},`));
  }
});

test('a number in a json column keeps every digit', () => {
  assert.equal(
    cellsOf(project({ any: { n: numberOf('0.10000000000000000001') } })).any,
    '{"n":0.10000000000000000001}',
  );
});

test('a property that an open contract lets pass and that has no column is refused, not lost', () => {
  const open = compileProjection(
    contractOf({ properties: { id: { type: 'string' } } }, { anchorProperties: ['run_id'] }),
  );
  assert.deepEqual(open({ id: 'x', run_id: 'r' }), { kind: 'cells', text: '"id":"x"', eventTime: null });
  assert.deepEqual(refusedBy({ id: 'x', 'e/x': [1] }, open), ['/e~1x: [1]']);
});

test('a property with the name of something that every object has is read as its own', () => {
  const odd = compileProjection(
    contractOf({ properties: { constructor: { type: 'string' }, toString: {} } }),
  );
  assert.deepEqual(odd({}), { kind: 'cells', text: '"constructor":null,"toString":null', eventTime: null });
  assert.equal(cellsOf(odd({ constructor: 'c' })).constructor, 'c');
});

test('the list of what is in the way is bounded', () => {
  const limited = compileProjection(CONTRACT, 3);
  assert.equal(refusedBy({ amounts: Array.from({ length: 100 }, () => 'x') }, limited).length, 3);
});

const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/).map(numberOf);
const number = fc.oneof(digits, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
const whole = fc.oneof(
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map((n) => numberOf(String(n))),
  number,
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\u0000\u2028"\\'));
const dateTime = fc
  .tuple(
    fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    }),
    fc.stringMatching(/^\d{0,3}0{0,3}$/),
    fc.constantFrom('Z', 'z', '+05:30', '-0800', '+14'),
  )
  .map(([date, more, offset]) => date.toISOString().replace('Z', more + offset));
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 8 });
const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }) as fc.Arbitrary<ExactValue>;

const records: fc.Arbitrary<ExactObject> = fc.record(
  {
    text: nullable(text),
    whole: nullable(whole),
    amount: nullable(number),
    flag: nullable(fc.boolean()),
    at: nullable(dateTime),
    day: dateTime.map((at) => at.slice(0, 10)),
    any: json,
    amounts: nullable(fc.array(nullable(number), { maxLength: 3 })),
    part: nullable(
      fc.record(
        { name: text, since: nullable(dateTime), counts: fc.array(nullable(whole), { maxLength: 3 }) },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<ExactObject>;

const folder = await mkdtemp(join(tmpdir(), 'tidemark-projection-'));
let duck: DuckDBConnection;
before(async () => {
  duck = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await duck.run("SET TimeZone = 'UTC'");
});
after(async () => {
  duck.closeSync();
  await rm(folder, { recursive: true, force: true });
});

/** Writes cells to Parquet as a data file is written, and reads them back as text that shows every digit. */
async function throughParquet(lines: readonly string[]): Promise<readonly Record<string, ExactValue>[]> {
  const source = join(folder, 'cells.ndjson');
  const target = join(folder, 'cells.parquet');
  await writeFile(source, lines.map((line, at) => `{${line},"_n":${at}}\n`).join(''));
  const columns = `{text: 'VARCHAR', whole: 'BIGINT', amount: 'DOUBLE', flag: 'BOOLEAN', "at": 'TIMESTAMPTZ', day: 'DATE',
    "any": 'VARCHAR', amounts: 'DOUBLE[]', part: 'STRUCT(name VARCHAR, since TIMESTAMPTZ, counts BIGINT[])', _n: 'BIGINT'}`;
  await duck.run(
    `COPY (SELECT * FROM read_json('${source}', format = 'newline_delimited', columns = ${columns})) TO '${target}' (FORMAT parquet)`,
  );
  const instant = (column: string) => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f+00')`;
  const result = await duck.runAndReadAll(
    `SELECT text, whole::VARCHAR AS whole, amount, flag, ${instant('"at"')} AS "at", day::VARCHAR AS day, "any", amounts,
       part IS NULL AS part_is_null, part.name AS name, ${instant('part.since')} AS since,
       list_transform(part.counts, lambda c: c::VARCHAR) AS counts
     FROM '${target}' ORDER BY _n`,
  );
  return result.getRowObjectsJS() as Record<string, ExactValue>[];
}

/** What a record's cells have to say, by another road than the projection's own. */
function expectedOf(record: ExactObject): Record<string, ExactValue> {
  const part = (record.part ?? null) as ExactObject | null;
  const instant = (value: ExactValue | undefined) => {
    const reading = typeof value === 'string' ? readDateTime(value) : null;
    return reading?.kind === 'exact' ? reading.text : null;
  };
  const whole = (value: ExactValue | undefined) =>
    value === null || value === undefined ? null : canonicalJson(value);
  const plain = (value: ExactValue | undefined) => (value === undefined ? null : value);
  return {
    text: plain(record.text),
    whole: whole(record.whole),
    amount: plain(record.amount),
    flag: plain(record.flag),
    at: instant(record.at),
    day: plain(record.day),
    any: record.any === undefined || record.any === null ? null : canonicalJson(record.any),
    amounts: plain(record.amounts),
    part_is_null: part === null,
    name: plain(part?.name),
    since: instant(part?.since),
    counts: Array.isArray(part?.counts) ? part.counts.map(whole) : null,
  };
}

test('what a cell holds is what the record said, through DuckDB and Parquet, for every kind of column', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(records, { minLength: 1, maxLength: 60 }), async (many) => {
      const held = many.flatMap((record) => {
        const projection = project(record);
        return projection.kind === 'cells' ? [{ record, text: projection.text }] : [];
      });
      if (held.length === 0) return;
      const rows = await throughParquet(held.map((one) => one.text));
      for (const [at, { record }] of held.entries()) {
        assert.equal(canonicalJson(rows[at] ?? null), canonicalJson(expectedOf(record)));
      }
    }),
    { numRuns: 25 },
  );
});

test('a record is refused exactly when a value in it has no exact cell', () => {
  const isWhole = (value: ExactValue) => {
    const shown = canonicalJson(value);
    return value === null || (/^-?\d+$/.test(shown) && BigInt.asIntN(64, BigInt(shown)) === BigInt(shown));
  };
  const isInstant = (value: ExactValue | undefined) =>
    value === null || value === undefined || readDateTime(value as string).kind === 'exact';
  fc.assert(
    fc.property(records, (record) => {
      const part = (record.part ?? {}) as ExactObject;
      const wholes = [record.whole ?? null, ...((part.counts ?? []) as readonly ExactValue[])];
      const amounts = [record.amount ?? null, ...((record.amounts ?? []) as readonly ExactValue[])];
      const isHeld =
        wholes.every(isWhole) &&
        !amounts.some((value) => value instanceof ExactNumber) &&
        [record.at, part.since].every(isInstant);
      assert.equal(project(record).kind, isHeld ? 'cells' : 'unrepresentable');
    }),
    { numRuns: 2000 },
  );
});
