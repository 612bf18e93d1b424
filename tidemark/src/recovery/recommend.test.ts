import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunState } from '../catalog/schema.ts';
import { type BatchFacts, recommend } from './recommend.ts';

const WELL: BatchFacts = {
  inProgress: false,
  lastRun: { runId: 'r', state: 'committed', failure: null, plan: null },
  proven: true,
  verdict: 'pass',
  committedUnits: 2,
  damagedObjects: [],
  damagedFiles: [],
  orphanedDuplicates: [],
  changedContracts: [],
  admissible: [],
  turnedAway: [],
  neverStored: [],
  missingWindows: [],
  contradicted: [],
  otherIncident: null,
  mending: 0,
};

const ended = (state: RunState) => ({ lastRun: { runId: 'r', state, failure: null, plan: null } });

/** In the order in which they count: each has its answer whatever stands below it. */
const ORDER: readonly (readonly [string, Partial<BatchFacts>, string])[] = [
  ['a run is in progress', { inProgress: true }, 'wait'],
  [
    'its last run died while it executed a plan',
    {
      lastRun: { runId: 'r', state: 'running', failure: null, plan: { planId: 'p', verb: 'rerun' } },
    },
    'again',
  ],
  ['its last run died', ended('running'), 'retry'],
  ['its last run was interrupted', ended('interrupted'), 'retry'],
  ['its last run failed', ended('failed'), 'retry'],
  ['raw bytes are damaged', { damagedObjects: ['a'] }, 'rerun'],
  ['data files are damaged', { damagedFiles: ['a'] }, 'replay'],
  ['its proof was interrupted', { proven: false }, 'run'],
  ['its reconciliation failed', { verdict: 'fail' }, 'replay'],
  ['duplicates have lost their keeper', { orphanedDuplicates: ['a'] }, 'replay'],
  ['a contract changed', { changedContracts: ['c'] }, 'replay'],
  ['what was held is admissible', { admissible: ['a'] }, 'replay'],
  ['its last run was withheld', ended('withheld'), 'mend'],
  ['an interval is missing', { missingWindows: [{ from: '1', to: '2' }] }, 'backfill'],
  ['a source was never received', { neverStored: ['a'] }, 'rerun'],
  ['a source is not what its manifest declares', { contradicted: ['a'] }, 'rerun'],
  [
    'another incident is open',
    { otherIncident: { key: 'k', message: 'm', suggestion: 'tidemark show k' } },
    'incident',
  ],
  ['assets are turned away', { turnedAway: ['a'] }, 'mend'],
  ['what was mended is not verified', { mending: 1 }, 'verify'],
  ['nothing is wrong', {}, 'none'],
];

const answer = (facts: BatchFacts) => {
  const said = recommend(facts);
  return said.kind === 'verb' ? said.verb : said.kind;
};

describe('what mends a batch', () => {
  for (const [what, facts, wanted] of ORDER) {
    it(`is ${wanted} when ${what}`, () => assert.equal(answer({ ...WELL, ...facts }), wanted));
  }

  it('is one thing, by a fixed order, however much is wrong at once', () => {
    fc.assert(
      fc.property(fc.subarray([...ORDER.keys()], { minLength: 1 }), (wrong) => {
        const rows = wrong.flatMap((at) => ORDER.slice(at, at + 1));
        // Of several endings of the last run only the first can be true.
        const facts = Object.assign({}, WELL, ...rows.toReversed().map(([, part]) => part));
        assert.equal(answer(facts), rows[0]?.[2]);
      }),
    );
  });
});
