import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';

const HOUR = 3_600_000;

describe('a duration', () => {
  it('is read in short form and in ISO 8601', () => {
    const read = {
      '1d': 24,
      '6h': 6,
      '1d12h': 36,
      '90m': 1.5,
      '2w': 336,
      P1D: 24,
      PT6H: 6,
      P1DT12H: 36,
      '0h': 0,
    };
    for (const [text, hours] of Object.entries(read)) assert.equal(parseDuration(text), hours * HOUR, text);
  });

  it('is refused without a unit, with a unit of no fixed length, or in another form', () => {
    for (const text of [
      '',
      '5',
      'P',
      'PT',
      'P1DT',
      'P1M',
      'P1Y',
      '1y',
      '-1d',
      '1.5h',
      '1 d',
      'daily',
      '6h1d',
    ]) {
      assert.equal(parseDuration(text), null, text);
    }
  });

  it('is told in its two largest units', () => {
    const told = {
      '3d 4h': 76 * HOUR,
      '6h': 6 * HOUR,
      '45s': 45_999,
      '1m': 60_000,
      '1d': 24 * HOUR + 5,
      '-2h': -2 * HOUR,
      '0s': 0,
    };
    for (const [text, ms] of Object.entries(told)) assert.equal(formatDuration(ms), text);
  });
});
