import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { type ProgressFacts, progressLine, progressNotice } from './progress-line.ts';

const MIB = 1024 * 1024;
const halfway: ProgressFacts = {
  asset: 3,
  assets: 27,
  sourceId: 'helpdesk-main',
  stage: 'refining',
  bytes: 50 * MIB,
  totalBytes: 100 * MIB,
  records: 123_456,
  bytesPerSecond: 10 * MIB,
};

describe('the progress line', () => {
  it('has place, share, rate and time left', () => {
    assert.equal(
      progressLine(halfway, 120),
      ' 3/27 helpdesk-main  refining ██████████░░░░░░░░░░  50%  10 MiB/s  5 s left  123,456 records  of 100 MiB',
    );
  });

  it('leaves out what does not fit, the least needed first', () => {
    assert.equal(
      progressLine(halfway, 80),
      ' 3/27 helpdesk-main  refining ██████████░░░░░░░░░░  50%  10 MiB/s  5 s left',
    );
  });

  it('says that it writes once everything is read', () => {
    const read = { ...halfway, bytes: halfway.totalBytes };
    assert.match(progressLine(read, 120), /writing {2}█{20} 100%/);
    assert.doesNotMatch(progressLine(read, 120), /left/);
  });

  it('is never as wide as the terminal, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.integer({ min: 20, max: 200 }),
        fc.nat({ max: 200 * MIB }),
        fc.option(fc.nat({ max: 10_000 * MIB })),
        (sourceId, width, bytes, bytesPerSecond) => {
          const line = progressLine({ ...halfway, sourceId, bytes, bytesPerSecond }, width);
          assert.ok(stringWidth(line) < width, line);
        },
      ),
    );
  });

  it('is a plain sentence in a log', () => {
    assert.equal(
      progressNotice(halfway),
      '3/27 helpdesk-main: refining, 50% of 100 MiB, 123,456 records, 10 MiB/s, 5 s left',
    );
  });
});
