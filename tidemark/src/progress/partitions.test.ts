import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS } from '../model/duration.ts';
import {
  contiguous,
  coverageIn,
  judgePartition,
  latestPartitions,
  momentOf,
  type PartitionFacts,
  partitionAt,
  partitionName,
} from './partitions.ts';

const GOOD: PartitionFacts = {
  covered: 'whole',
  due: false,
  ahead: false,
  waiting: false,
  turnedAway: 'none',
  settled: true,
  proof: 'passed',
};

const TABLE: readonly (readonly [why: string, change: Partial<PartitionFacts>, verdict: string])[] = [
  ['whole, settled and proven', {}, 'verified proven'],
  ['not proven yet', { proof: 'none' }, 'complete not_proven'],
  ['not settled', { settled: false }, 'partial still_open'],
  ['a failed proof', { proof: 'failed' }, 'partial proof_failed'],
  ['a source that was never let in', { turnedAway: 'never_in' }, 'partial source_turned_away'],
  ['prepared and not committed, beside what is', { waiting: true }, 'partial waits_for_commit'],
  ['covered in part', { covered: 'part' }, 'partial covered_in_part'],
  ['covered in part and still open', { covered: 'part', settled: false }, 'partial still_open'],
  ['a newer delivery that was turned away', { turnedAway: 'before' }, 'stale newer_delivery'],
  ['due, and not all of it there', { covered: 'part', due: true, settled: false }, 'stale due'],
  ['due, whole and settled', { due: true }, 'verified proven'],
  ['due, behind all that was seen', { covered: 'none', due: true, ahead: true, settled: false }, 'stale due'],
  ['not covered', { covered: 'none' }, 'missing not_covered'],
  ['not covered, within what was seen, though due', { covered: 'none', due: true }, 'missing not_covered'],
  ['only prepared', { covered: 'none', waiting: true }, 'partial waits_for_commit'],
  ['a newer delivery, and a failed proof', { turnedAway: 'before', proof: 'failed' }, 'stale newer_delivery'],
];

describe('a partition', () => {
  for (const [why, change, verdict] of TABLE) {
    it(`is ${verdict}: ${why}`, () => {
      const { state, reason } = judgePartition({ ...GOOD, ...change });
      assert.equal(`${state} ${reason}`, verdict);
    });
  }

  it('is called verified only where every single fact speaks for it', () => {
    const facts = fc.record<PartitionFacts>({
      covered: fc.constantFrom('none', 'part', 'whole'),
      due: fc.boolean(),
      ahead: fc.boolean(),
      waiting: fc.boolean(),
      turnedAway: fc.constantFrom('none', 'before', 'never_in'),
      settled: fc.boolean(),
      proof: fc.constantFrom('passed', 'failed', 'none'),
    });
    fc.assert(
      fc.property(facts, (found) => {
        const { covered, waiting, turnedAway, settled, proof } = found;
        const good =
          covered === 'whole' && !waiting && turnedAway === 'none' && settled && proof === 'passed';
        assert.equal(judgePartition(found).state === 'verified', good);
      }),
    );
  });

  it('is named by its day, its hour, or the moment at which it begins', () => {
    const at = Date.parse('2026-03-02T05:15:00Z');
    assert.equal(partitionName(partitionAt(at, DAY_MS)), '2026-03-02');
    assert.equal(partitionName(partitionAt(at, HOUR_MS)), '2026-03-02T05');
    assert.equal(partitionName(partitionAt(at, 15 * 60_000)), '2026-03-02T05:15:00Z');
    assert.equal(partitionName(partitionAt(Date.parse('1969-12-31T23:59:59Z'), DAY_MS)), '1969-12-31');
  });

  it('is found by its name again, and a name of no day is none', () => {
    for (const lengthMs of [DAY_MS, HOUR_MS, 15 * 60_000]) {
      fc.assert(
        fc.property(
          fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
          (date) => {
            const partition = partitionAt(date.getTime(), lengthMs);
            assert.equal(momentOf(partitionName(partition)), partition.fromMs);
          },
        ),
      );
    }
    for (const text of ['', 'missing', '2026-02-30', '2026-13-01', '2026-3-2', '2026-03-02T25', '5'])
      assert.equal(momentOf(text), null, text);
  });
});

describe('partitions', () => {
  it('are the newest first, and the older ones are counted', () => {
    const range = { fromMs: Date.parse('2026-03-01T23:59:59Z'), toMs: Date.parse('2026-03-05T00:00:00Z') };
    const { partitions, older } = latestPartitions(range, { lengthMs: DAY_MS, limit: 2 });
    assert.deepEqual([partitions.map(partitionName), older], [['2026-03-04', '2026-03-03'], 2]);
    const none = { fromMs: range.toMs, toMs: range.fromMs };
    assert.deepEqual(latestPartitions(none, { lengthMs: DAY_MS, limit: 2 }), { partitions: [], older: 0 });
  });

  it('that follow each other are taken in together', () => {
    const days = ['2026-03-04', '2026-03-01', '2026-03-02'].map((day) =>
      partitionAt(Date.parse(`${day}T00:00:00Z`), DAY_MS),
    );
    assert.deepEqual(contiguous(days), [{ fromMs: days[1]?.fromMs, toMs: days[2]?.toMs }, days[0]]);
  });

  it('are covered as looking at every single moment says', () => {
    const moment = fc.integer({ min: -2, max: 12 });
    const interval = fc
      .tuple(moment, moment)
      .map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) }))
      .filter(({ fromMs, toMs }) => fromMs < toMs);
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 6 }), (intervals) => {
        const partition = { fromMs: 0, toMs: 10 };
        const held = Array.from({ length: 10 }, (_, ms) =>
          intervals.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs),
        );
        const expected = held.every(Boolean) ? 'whole' : held.some(Boolean) ? 'part' : 'none';
        assert.equal(coverageIn(partition, intervals), expected);
      }),
    );
  });
});
