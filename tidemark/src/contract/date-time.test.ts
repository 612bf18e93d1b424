import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import fc from 'fast-check';
import { copyPlainUtc, isColumnDate, isDateTime, readDateTime } from './date-time.ts';

const asserted = fullFormats['date-time'] as { validate: (text: string) => boolean };
const assertedDate = fullFormats.date as { validate: (text: string) => boolean };

const two = (value: number) => String(value).padStart(2, '0');
const around = (max: number) => fc.integer({ min: 0, max });

/** Date-times and things that nearly are: every part may be just beyond its range. */
const tricky = fc
  .record({
    year: fc.oneof(fc.constantFrom(0, 1, 1900, 2000, 2024, 2026, 9999), around(9999)),
    month: around(13),
    day: around(32),
    separator: fc.constantFrom('T', 'T', 'T', 't', ' ', '\t', '\u00a0', '\n', '', '  ', '_'),
    hour: fc.oneof(around(23), fc.constantFrom(0, 23, 24, 25)),
    minute: fc.oneof(around(59), fc.constantFrom(0, 29, 59, 60, 89)),
    second: fc.oneof(around(59), fc.constantFrom(59, 60, 60, 61)),
    fraction: fc.oneof(
      fc.constant(''),
      fc.stringMatching(/^\.\d{0,7}$/),
      fc.stringMatching(/^\.\d{0,6}0{0,20}$/),
    ),
    offset: fc.oneof(
      fc.constantFrom('Z', 'Z', 'z', '', '+00:00', '-00:00', '+05', '+0530', '+23:59', '-23:59', '+24:00'),
      fc
        .tuple(fc.constantFrom('+', '-'), around(24), fc.constantFrom(':', ''), around(60))
        .map(([sign, hour, colon, minute]) => `${sign}${two(hour)}${colon}${two(minute)}`),
    ),
  })
  .map((part) => ({
    ...part,
    text:
      `${String(part.year).padStart(4, '0')}-${two(part.month)}-${two(part.day)}${part.separator}` +
      `${two(part.hour)}:${two(part.minute)}:${two(part.second)}${part.fraction}${part.offset}`,
  }));

test('what is a date-time is what ajv-formats accepts, its hours beyond 23 and minutes beyond 59 excepted', () => {
  fc.assert(
    fc.property(tricky, ({ text, hour, minute }) => {
      assert.equal(isDateTime(text), asserted.validate(text) && hour < 24 && minute < 60, text);
    }),
    { numRuns: 20_000 },
  );
});

test('an altered date-time is judged as ajv-formats judges it', () => {
  const altered = fc
    .tuple(
      fc.constantFrom('2024-02-29T23:59:59.123456Z', '2023-12-31t00:00:00+05:30'),
      fc.nat(27),
      fc.string(),
    )
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1));
  fc.assert(
    fc.property(altered, (text) => assert.equal(isDateTime(text), asserted.validate(text), text)),
    { numRuns: 3000 },
  );
});

/** Days since 0001-01-01 of the proleptic Gregorian calendar, by counting. */
function dayNumber(year: number, month: number, day: number): bigint {
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] as number;
  const years = BigInt(year) - 1n;
  const leapDay = month > 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1n : 0n;
  const floorDivide = (by: bigint) => (years >= 0n ? years / by : -((-years + by - 1n) / by));
  return (
    years * 365n +
    floorDivide(4n) -
    floorDivide(100n) +
    floorDivide(400n) +
    BigInt(before + day - 1) +
    leapDay
  );
}

function microsOf(text: string): bigint {
  const match =
    /^(\d{4})-(\d\d)-(\d\d).(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[zZ]|([+-])(\d\d):?(\d\d)?)$/s.exec(text);
  assert.ok(match, text);
  const part = (at: number) => Number(match[at] ?? 0);
  const offset = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const minutes = dayNumber(part(1), part(2), part(3)) * 1440n + BigInt(part(4) * 60 + part(5) - offset);
  const micros = BigInt((match[7] ?? '').slice(0, 6).padEnd(6, '0'));
  return (minutes * 60n + BigInt(part(6))) * 1_000_000n + micros;
}

const LATEST = microsOf('9999-12-31T23:59:59.999999Z');

test('a date-time keeps its instant to the microsecond, or says why it cannot', () => {
  fc.assert(
    fc.property(tricky, ({ text, second, fraction }) => {
      const reading = readDateTime(text);
      if (reading.kind === 'none') return;
      const held = second < 60 && /^0*$/.test(fraction.slice(7));
      const micros = microsOf(text);
      const inRange = micros >= 0n && micros <= LATEST;
      assert.equal(reading.kind, held && inRange ? 'exact' : 'beyond', text);
      if (reading.kind !== 'exact') return;
      assert.match(reading.text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00$/);
      assert.equal(microsOf(reading.text.replace('+00', 'Z')), micros);
    }),
    { numRuns: 20_000 },
  );
});

test('the short way to the column text is the long way', () => {
  fc.assert(
    fc.property(tricky, ({ text }) => {
      const copied = copyPlainUtc(text);
      if (copied !== null) assert.deepEqual(readDateTime(text), { kind: 'exact', text: copied });
    }),
    { numRuns: 5000 },
  );
  assert.equal(copyPlainUtc('2026-01-02T03:04:05Z'), '2026-01-02 03:04:05.000000+00');
  assert.equal(copyPlainUtc('2026-01-02T03:04:05.12Z'), '2026-01-02 03:04:05.120000+00');
  assert.equal(copyPlainUtc('2026-02-30T03:04:05Z'), null);
});

for (const [text, expected] of [
  ['2026-01-01T00:30:00+01:00', { kind: 'exact', text: '2025-12-31 23:30:00.000000+00' }],
  ['0001-01-01T00:00:00Z', { kind: 'exact', text: '0001-01-01 00:00:00.000000+00' }],
  ['0000-12-31T23:30:00-01:00', { kind: 'exact', text: '0001-01-01 00:30:00.000000+00' }],
  ['0000-06-01T00:00:00Z', { kind: 'beyond', why: 'outside the years 0001 to 9999 in UTC' }],
  ['0001-01-01T00:00:00+00:01', { kind: 'beyond', why: 'outside the years 0001 to 9999 in UTC' }],
  ['9999-12-31T23:59:59-00:01', { kind: 'beyond', why: 'outside the years 0001 to 9999 in UTC' }],
  ['1990-12-31T23:59:60Z', { kind: 'beyond', why: 'a leap second' }],
  ['1990-12-31T15:59:60-08:00', { kind: 'beyond', why: 'a leap second' }],
  ['2026-01-01T00:00:00.1234567Z', { kind: 'beyond', why: 'finer than microseconds' }],
  ['2026-01-01T00:00:00.1234560000Z', { kind: 'exact', text: '2026-01-01 00:00:00.123456+00' }],
  ['2026-01-01T25:59:00+02:00', { kind: 'none' }],
  ['2026-01-01T00:00:00', { kind: 'none' }],
  ['2026-13-01T00:00:00Z', { kind: 'none' }],
] as const) {
  test(`${text} is read as ${Object.values(expected).join(': ')}`, () => {
    assert.deepEqual(readDateTime(text), expected);
  });
}

test('a date is what ajv-formats accepts, the year 0000 excepted', () => {
  fc.assert(
    fc.property(tricky, ({ text }) => {
      const date = text.slice(0, 10);
      assert.equal(isColumnDate(date), assertedDate.validate(date) && !date.startsWith('0000'), date);
    }),
  );
});
