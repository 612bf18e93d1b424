import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { EMPTY_RECORDS, tallyAssets } from '../model/tally.ts';
import { planCommit } from './plan-commit.ts';

const digest = (count: number, sum = BigInt(count)) => ({ count, sum });

/** Three records read: two entered, one is rejected. */
function unit(given: Partial<PreparedUnit> = {}): PreparedUnit {
  const none = digest(0);
  return {
    unitKey: 'key',
    table: 'ticket',
    sourceId: 'desk',
    tally: { ...EMPTY_RECORDS, read: 3, accepted: 2, rejected: 1 },
    digests: {
      read: digest(3),
      accepted: digest(2),
      duplicate: none,
      out_of_window: none,
      rejected: digest(1),
    },
    files: [
      { table: 'ticket', records: 2, files: [] },
      { table: 'rejects', records: 1, files: [] },
    ],
    ...given,
  } as unknown as PreparedUnit; // The plan looks at nothing else of a unit.
}

const one = tallyAssets(['committed'], 1);

describe('the account of a commit', () => {
  it('closes, and every table gets what was prepared for it', () => {
    const plan = planCommit({ units: [unit()], assets: one });
    assert.equal(plan.kind, 'commit');
    assert.deepEqual(plan.kind === 'commit' && plan.tables.map(({ table, records }) => [table, records]), [
      ['rejects', 1],
      ['ticket', 2],
    ]);
  });

  const open: readonly (readonly [string, Parameters<typeof planCommit>[0], RegExp])[] = [
    ['a declared asset has no outcome', { units: [unit()], assets: tallyAssets(['committed'], 2) }, /assets/],
    [
      'a record read has no outcome',
      { units: [unit({ tally: { ...EMPTY_RECORDS, read: 3, accepted: 2 } })], assets: one },
      /3 records read, 2 accounted for/,
    ],
    [
      'outcomes have other content than what was read',
      { units: [unit({ digests: { ...unit().digests, accepted: digest(2, 7n) } })], assets: one },
      /digest of what was read/,
    ],
    [
      'fewer rows were written than read',
      { units: [unit({ files: unit().files.slice(0, 1) })], assets: one },
      /3 records read, 2 written/,
    ],
  ];
  for (const [what, request, gap] of open) {
    it(`is open when ${what}, and nothing may be committed`, () => {
      const plan = planCommit(request);
      assert.equal(plan.kind, 'account_open');
      assert.match(plan.kind === 'account_open' ? plan.gaps.join('; ') : '', gap);
    });
  }

  it('waits for an asset that failed, whatever else is prepared', () => {
    const plan = planCommit({ units: [unit()], assets: tallyAssets(['committed', 'failed'], 2) });
    assert.deepEqual(plan, { kind: 'blocked', failed: 1 });
  });
});
