import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoveringRow } from '../../catalog/partition-facts.ts';
import { judgeRow, type RowFacts } from './judge-row.ts';

const DAY = 10;
const day = (number: number) => ({ fromMs: number * DAY, toMs: (number + 1) * DAY });

const unit = (
  sourceId: string,
  from: number,
  to: number,
  changes: Partial<CoveringRow> = {},
): CoveringRow => ({
  sourceId,
  windowed: true,
  committed: true,
  fromMs: from * DAY,
  toMs: to * DAY,
  proven: true,
  ...changes,
});

const facts = (changes: Partial<RowFacts>): RowFacts => ({
  units: [],
  following: null,
  settledMs: new Map(),
  turnedAway: { before: [], neverIn: [] },
  failed: [],
  seenMs: 9 * DAY,
  dueMs: null,
  ...changes,
});

const judged = (found: RowFacts, number: number) => {
  const { state, reason, sources } = judgeRow(found, day(number));
  return [state, reason, ...sources];
};

describe('a manifest whose sources each have a cursor', () => {
  const following = new Map([
    ['a', 0],
    ['b', 2 * DAY],
  ]);
  const settledMs = new Map([
    ['a', 9 * DAY],
    ['b', 9 * DAY],
  ]);

  it('has a partition verified only where every one of them covers it, and names those that do not', () => {
    const found = facts({ following, settledMs, units: [unit('a', 0, 6), unit('b', 2, 4)] });
    assert.deepEqual(judged(found, 3), ['verified', 'proven']);
    assert.deepEqual(judged(found, 4), ['partial', 'covered_in_part', 'b']);
    assert.deepEqual(judged(found, 7), ['missing', 'not_covered']);
  });

  it('asks nothing of a source before its own first partition', () => {
    const found = facts({ following, settledMs, units: [unit('a', 0, 6), unit('b', 2, 6)] });
    assert.deepEqual(judged(found, 1), ['verified', 'proven']);
  });

  it('waits for the one that stopped long before what is looked at', () => {
    const found = facts({ following, settledMs: new Map([['a', 9 * DAY]]), units: [unit('a', 0, 6)] });
    assert.deepEqual(judged(found, 5), ['partial', 'still_open']);
  });
});

describe('a manifest of whole files that follow each other', () => {
  const file = { windowed: false };
  const settledMs = new Map([
    ['monday', 1.5 * DAY],
    ['wednesday', 3.5 * DAY],
  ]);
  const units = [unit('monday', 1.1, 1.6, file), unit('wednesday', 3.1, 3.6, file)];

  it('covers all of each partition that one of them touches, and is settled by the latest', () => {
    const found = facts({ units, settledMs });
    assert.deepEqual(judged(found, 1), ['verified', 'proven']);
    assert.deepEqual(judged(found, 2), ['missing', 'not_covered']);
    assert.deepEqual(judged(found, 3), ['partial', 'still_open']);
  });

  it('names the file whose newer delivery is not in, the one that is not proven, and the one that failed', () => {
    const newer = facts({ units, settledMs, turnedAway: { before: ['monday'], neverIn: [] } });
    assert.deepEqual(judged(newer, 1), ['stale', 'newer_delivery', 'monday']);
    assert.deepEqual(judged(newer, 3), ['partial', 'still_open']);
    const unproven = facts({ units: [unit('monday', 1.1, 1.6, { ...file, proven: false })], settledMs });
    assert.deepEqual(judged({ ...unproven, settledMs: new Map([['monday', 9 * DAY]]) }, 1), [
      'complete',
      'not_proven',
      'monday',
    ]);
    const failed = facts({ units, settledMs, failed: [{ ...day(1), sourceId: 'monday' }] });
    assert.deepEqual(judged(failed, 1), ['partial', 'proof_failed', 'monday']);
  });

  it('that is prepared and not committed is told of', () => {
    const found = facts({ units: [unit('monday', 1, 2, { ...file, committed: false })], settledMs });
    assert.deepEqual(judged(found, 1), ['partial', 'waits_for_commit', 'monday']);
  });
});
