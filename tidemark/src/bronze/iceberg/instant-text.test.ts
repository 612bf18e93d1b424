import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DuckExample } from './example-table.fixture.ts';
import { daysFromText, microsFromText } from './instant-text.ts';

/** DuckDB's finite values, as far as it prints them exactly. */
const MICROS = { min: -1000n * 2n ** 53n, max: 1000n * 2n ** 53n };
const DAYS = { min: -2_147_483_646, max: 2_147_483_646 };

test('every time and date that DuckDB prints is read back to the same number', async () => {
  using duck = await DuckExample.open();
  const micros = [
    MICROS.min,
    -62_135_596_800_000_000n,
    -62_135_596_800_000_001n,
    -62_167_219_200_000_001n,
    -1n,
    0n,
    MICROS.max,
  ];
  micros.push(...fc.sample(fc.bigInt(MICROS), { numRuns: 1000, seed: 1 }));
  micros.push(...fc.sample(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), { numRuns: 1000, seed: 2 }));
  const times = await duck.rows(
    `SELECT make_timestamptz(m)::VARCHAR, m::VARCHAR FROM (SELECT unnest([${micros.join(',')}]::BIGINT[]) AS m)`,
  );
  for (const [text, number] of times)
    assert.equal(String(microsFromText(String(text))), number, String(text));

  const days = [DAYS.min, -719_162, -719_163, -719_529, -1, 0, DAYS.max];
  days.push(
    ...fc.sample(fc.integer(DAYS), { numRuns: 1000, seed: 3 }),
    ...fc.sample(fc.integer({ min: -800_000, max: 800_000 }), { numRuns: 1000, seed: 4 }),
  );
  const dates = await duck.rows(
    `SELECT (DATE '1970-01-01' + d)::VARCHAR, d::VARCHAR FROM (SELECT unnest([${days.join(',')}]::INTEGER[]) AS d)`,
  );
  for (const [text, number] of dates) assert.equal(String(daysFromText(String(text))), number, String(text));
});

test('offsets, RFC 3339 and missing fractions are understood', () => {
  const expected = 1_709_181_000_000_000n;
  for (const text of [
    '2024-02-29 04:30:00+00',
    '2024-02-29T04:30:00Z',
    '2024-02-29 10:00:00+05:30',
    '2024-02-28 20:30:00-08',
    '2024-02-29 04:30:00.0',
  ]) {
    assert.equal(microsFromText(text), expected, text);
  }
  assert.equal(microsFromText('2024-02-29 04:30:00.5+00'), expected + 500_000n);
  assert.equal(microsFromText('1969-12-31 23:59:59.999999+00'), -1n);
});

test('what is not one time gives no bound', () => {
  for (const text of [
    'infinity',
    '-infinity',
    '',
    '2024-13-01 00:00:00+00',
    '2024-01-01 24:00:00+00',
    '2024-01-01',
    '2024-01-01 00:00:00.1234567+00',
    '294247-01-10 04:00:54.776806+00',
  ]) {
    assert.equal(microsFromText(text), null, text);
  }
  for (const text of ['infinity', '2024-00-01', '2024-01-01 00:00:00'])
    assert.equal(daysFromText(text), null, text);
});
