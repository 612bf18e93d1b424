import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS, type Limits } from '../../../model/limits.ts';
import { parquetFile } from '../../../testing/parquet-file.ts';
import { tempFolder } from '../../../testing/temp-folder.ts';
import { StreamFault } from '../stream-fault.ts';
import { columnFault, type SchemaNode } from './check-columns.ts';
import type { ParquetPolicy } from './policy.ts';
import { readParquet } from './read-parquet.ts';

const NOTHING: ParquetPolicy = { binary: null, zone: null, nanoseconds: null };

async function read(
  bytes: Buffer,
  {
    name = 'object',
    limits = {},
    ...policy
  }: Partial<ParquetPolicy> & { name?: string; limits?: Partial<Limits> } = {},
): Promise<string> {
  await using folder = await tempFolder();
  const path = await folder.write(name, bytes);
  const { signal } = new AbortController();
  const request = {
    path,
    policy: { ...NOTHING, ...policy },
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal,
  };
  try {
    return Buffer.concat(await Array.fromAsync(readParquet(request))).toString();
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    return `${error.rule}: ${error.received}`;
  }
}

const rowOf = async (select: string, policy: Partial<ParquetPolicy> = {}) =>
  await read(await parquetFile(`SELECT ${select} AS v`), policy);

describe('a value of a Parquet file', () => {
  for (const [select, json] of [
    ['true', 'true'],
    ['(-128)::TINYINT', '-128'],
    ['18446744073709551615::UBIGINT', '18446744073709551615'],
    ['(-9223372036854775808)::BIGINT', '-9223372036854775808'],
    ["'-12345678901234567890123456789012345.678'::DECIMAL(38,3)", '-12345678901234567890123456789012345.678'],
    ['0.1::DOUBLE', '0.1'],
    ['1e300::DOUBLE', '1e+300'],
    ['0.1::FLOAT', '0.10000000149011612'],
    ["'NaN'::DOUBLE", '"NaN"'],
    ["'-Infinity'::FLOAT", '"-Infinity"'],
    [`'a"' || chr(10) || '\\ é✨' || chr(0)`, '"a\\"\\n\\\\ é✨\\u0000"'],
    ["'2026-02-28'::DATE", '"2026-02-28"'],
    ["'0001-01-01'::DATE", '"0001-01-01"'],
    ["'12345-06-07'::DATE", '"+012345-06-07"'],
    ["'10:11:12.000340'::TIME", '"10:11:12.00034"'],
    ["'2026-01-02 03:04:05'::TIMESTAMP", '"2026-01-02T03:04:05"'],
    ["'1969-12-31 23:59:59.999999'::TIMESTAMP", '"1969-12-31T23:59:59.999999"'],
    ["'2026-01-02 03:04:05.123456789'::TIMESTAMP_NS", '"2026-01-02T03:04:05.123456789"'],
    ["'2026-01-02 03:04:05.5+02'::TIMESTAMPTZ", '"2026-01-02T01:04:05.5Z"'],
    ["'6b1e0a3c-0000-4000-8000-000000000001'::UUID", '"6b1e0a3c-0000-4000-8000-000000000001"'],
    ['[1, NULL, 3]', '[1,null,3]'],
    ['[]::INTEGER[]', '[]'],
    ["{ 'a': 1.10::DECIMAL(5,2), 'b': NULL::INTEGER, 'c': [{ 'd': 'x' }] }", '{"a":1.10,"c":[{"d":"x"}]}'],
    ["MAP { 'k': 1, 'l': NULL }", '{"k":1,"l":null}'],
    ['NULL::INTEGER', undefined],
  ] as const) {
    it(`is the same in JSON: ${select}`, async () => {
      assert.equal(await rowOf(select), json === undefined ? '{}\n' : `{"v":${json}}\n`);
    });
  }

  it('is what the policy says, where JSON or the reader cannot say it', async () => {
    const bytes = "'\\x00\\xFF'::BLOB";
    assert.match(await rowOf(bytes), /^parquet_column: v: it holds bytes/);
    assert.equal(await rowOf(bytes, { binary: 'base64' }), '{"v":"AP8="}\n');
    const naive = "'2026-01-02 03:04:05.5'::TIMESTAMP";
    assert.equal(await rowOf(naive, { zone: 'utc' }), '{"v":"2026-01-02T03:04:05.5Z"}\n');
    assert.match(await rowOf("INTERVAL '1' DAY"), /^parquet_column: /);
    assert.match(await rowOf('MAP { [1]: 2 }'), /^parquet_column: values of type a map by INTEGER\[\]/);
  });
});

describe('a column of a Parquet file', () => {
  const leaf = (fields: Partial<SchemaNode>): SchemaNode[] => [
    { name: 'root', type: null, logical: null, precision: null, read: null, children: 1 },
    { name: 'c', type: 'INT64', logical: null, precision: null, read: 'BIGINT', children: 0, ...fields },
  ];
  const nanos = {
    logical:
      'TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=<null>, NANOS=NanoSeconds()))',
    read: 'TIMESTAMP WITH TIME ZONE',
  };

  it('that the reader would make something else of refuses the file, by its name', () => {
    for (const [fields, why] of [
      [
        {
          type: 'FIXED_LEN_BYTE_ARRAY',
          logical: 'DecimalType(scale=2, precision=50)',
          precision: 50,
          read: 'DOUBLE',
        },
        /^c: decimals of more than 38 digits/,
      ],
      [nanos, /^c: its nanoseconds would be cut/],
      [{ type: 'INT96', read: 'TIMESTAMP' }, /^c: its nanoseconds would be cut/],
      [{ read: 'INTERVAL' }, /^c: values of type INTERVAL are not read/],
      [{ read: 'VARIANT' }, /^c: values of type VARIANT are not read/],
    ] as const)
      assert.match(columnFault(leaf(fields), NOTHING) ?? '', why);
    assert.equal(columnFault(leaf({}), NOTHING), null);
    assert.equal(columnFault(leaf(nanos), { ...NOTHING, nanoseconds: 'truncate' }), null);
  });

  it('that has no name of its own refuses the file, however deep it is', () => {
    const [root, column] = leaf({}) as [SchemaNode, SchemaNode];
    const group = (name: string, children: number) => ({ ...column, name, type: null, children });
    for (const [nodes, why] of [
      [[group('id', 1), column, { ...column, name: 'Id' }], /^Id: it has the name of another/],
      [[group('s', 2), column, { ...column, name: 'C' }, column], /^s\.C: it has the name of another/],
      [[column, { ...column, name: '' }], /^: a column without a name/],
      [[group('s', 1), { ...column, name: '__proto__' }, column], /^s\.__proto__: a name that is not read/],
    ] as const)
      assert.match(columnFault([{ ...root, children: 2 }, ...nodes], NOTHING) ?? '', why);
    assert.equal(columnFault([{ ...root, children: 2 }, group('s', 1), column, column], NOTHING), null);
  });

  it('is called with the structs that it is in', async () => {
    assert.match(
      await rowOf("{ 'a': 1, 'b': { 'c': '\\x00'::BLOB } }"),
      /^parquet_column: v\.b\.c: it holds bytes/,
    );
  });
});

describe('a Parquet file', () => {
  const ROWS =
    'SELECT i AS id, i * 7 % 13 AS x, repeat(chr(97 + (i % 26)::INT), 40) AS text FROM range(50000) t(i)';

  it('is read row by row in its order, in pieces, however many row groups it has and wherever it is', async () => {
    const bytes = await parquetFile(ROWS, 'ROW_GROUP_SIZE 4096');
    const text = await read(bytes, { name: "it's [a] *?.x", limits: { chunkBytes: 10_000 } });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ id }) => id),
      Array.from({ length: 50_000 }, (_, id) => id),
    );
    assert.deepEqual(lines[27], { id: 27, x: 7, text: 'b'.repeat(40) });
  });

  it('that is cut, or is none, is refused with a reason that names no path', async () => {
    const bytes = await parquetFile(ROWS);
    for (const damaged of [
      bytes.subarray(0, -20),
      bytes.subarray(0, 1000),
      Buffer.from('PAR1'),
      Buffer.from('PAR1xPAR1'),
    ]) {
      const told = await read(damaged);
      assert.match(told, /^stream_corrupt: /);
      assert.doesNotMatch(told, /\/tmp/);
    }
  });

  it('comes to an end, whatever bytes of it are changed', async () => {
    const whole = await parquetFile('SELECT i AS id, {a: [i]} AS s FROM range(100) t(i)');
    const changes = fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (made) => {
        const bytes = Buffer.from(whole);
        for (const { at, byte } of made) bytes[at] = byte;
        assert.match(await read(bytes), /^(\{|stream_corrupt|decoded_|parquet_column|$)/);
      }),
      { numRuns: 60 },
    );
  });
});
