import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunState } from '../catalog/schema.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { AssetResult, Finding } from '../evidence/asset-result.ts';
import type { BatchEnd } from '../evidence/batch-account.ts';
import { type AssetOutcome, tallyAssets } from '../model/tally.ts';
import { diedRun, symptomsOfRun } from './run-symptoms.ts';
import { incidentKey } from './symptom.ts';

const finding = (rule: string): Finding => ({ rule, message: `${rule}.`, expected: 'a', received: 'b' });

function asset(outcome: AssetOutcome, rules: readonly string[] = [], read = true): AssetResult {
  return {
    sourceId: 'desk',
    declaredPath: 'data/desk.jsonl',
    assetType: 'jsonl',
    contractRef: 'omni://contracts/data/ticket/v1',
    table: 'ticket',
    judgement: 'accept',
    reasons: [],
    outcome,
    findings: rules.map(finding),
    sourceFingerprint: read ? 'ab'.repeat(32) : null,
    sizeBytes: read ? 4 : null,
    mediaType: null,
    unitKey: null,
    records: null,
    committedBy: null,
    reused: null,
    note: null,
    next: null,
  };
}

function end(state: RunState, assets: readonly AssetResult[], more: Partial<BatchEnd> = {}): BatchEnd {
  return {
    runId: 'run-1',
    manifestId: 'manifest-m',
    batchId: 'batch-m',
    state,
    failure: null,
    recovery: null,
    reconciliation: null,
    assets,
    assetTally: tallyAssets(
      assets.map(({ outcome }) => outcome),
      assets.length,
    ),
    ...more,
  };
}

const failure = (code: NonNullable<BatchEnd['failure']>['code']) => ({
  failure: { code, disposition: 'transient' as const, message: 'It failed.', next: 'Mend it.' },
});
const check = { name: 'data_files', subject: 'bronze.ticket', expected: '1', received: '0' };
const reconciled = (verdict: 'pass' | 'fail') => ({
  reconciliation: {
    verdict,
    checks: [{ ...check, verdict }],
    coverage: { declared: 1, landed: 1, committed: 1, missing: [] },
  },
});

/** How a run ended, what is wrong by that, and the verb that mends it. */
const TABLE: readonly (readonly [string, BatchEnd, readonly (readonly [kind: string, verb: string])[]])[] = [
  ['committed and proven', end('committed', [asset('committed')], reconciled('pass')), []],
  ['found nothing new', end('nothing_to_commit', [asset('already_committed')]), []],
  ['held by the gate', end('committed', [asset('held')]), []],
  ['refused by the gate', end('committed', [asset('refused')]), []],
  ['refused for its contract', end('committed', [asset('refused', ['contract_unavailable'])]), []],
  ['failed', end('failed', [asset('failed', ['batch_blocked'])]), [['batch_unfinished', 'retry']]],
  ['interrupted', end('interrupted', [asset('failed', ['not_reached'])]), [['batch_unfinished', 'retry']]],
  ['withheld', end('withheld', [asset('failed', ['batch_blocked'])]), [['batch_unfinished', 'rejects']]],
  [
    'failed while it executed a plan',
    end('failed', [], { recovery: { verb: 'replay', planId: 'p', parentRunId: null, replaced: [] } }),
    [['batch_unfinished', 'recover']],
  ],
  [
    'refused a replacement for its size',
    end('failed', [asset('failed', ['batch_blocked'])], failure(ERROR_CODES.replacement_too_small)),
    [],
  ],
  [
    'waits for a source that did not come',
    end('failed', [asset('failed', ['source_missing'], false)], failure(ERROR_CODES.batch_blocked)),
    [['source_not_received', 'retry']],
  ],
  [
    'may not read a source',
    end('committed', [asset('refused', ['source_outside_root'], false)]),
    [['source_not_received', 'rerun']],
  ],
  [
    'got other bytes than declared',
    end('committed', [asset('refused', ['size_mismatch', 'checksum_mismatch'])]),
    [['source_contradicts_manifest', 'rerun']],
  ],
  [
    'held bytes that are others than declared',
    end('committed', [asset('held', ['checksum_mismatch'])]),
    [['source_contradicts_manifest', 'rerun']],
  ],
  [
    'committed what does not reconcile',
    end('committed', [asset('committed')], reconciled('fail')),
    [['reconciliation_failed', 'replay']],
  ],
];

describe('what the account of a run says is wrong', () => {
  for (const [what, account, wanted] of TABLE) {
    it(`where it ${what}: ${wanted.map(([kind]) => kind).join(', ') || 'nothing'}`, () => {
      const found = symptomsOfRun(account);
      assert.deepEqual(
        found.map(({ kind, suggestion }) => [kind, suggestion.split(' ')[1]]),
        wanted,
      );
      for (const { suggestion } of found)
        assert.match(suggestion, / (--manifest manifest-m --batch-id batch-m|rejects --run \S+)$/);
    });
  }

  it('is the same thing whichever run finds it', () => {
    for (const [, account] of TABLE) {
      const keys = (runId: string) => symptomsOfRun({ ...account, runId }).map(incidentKey);
      assert.deepEqual(keys('run-1'), keys('run-2'));
    }
  });

  it('of a run that died is what a failed one says', () => {
    const [failed] = symptomsOfRun(end('failed', []));
    const [died] = diedRun({ ...end('running', []), startedAt: '2026-04-01T00:00:00Z' });
    assert.ok(failed && died);
    assert.equal(incidentKey(died), incidentKey(failed));
  });

  it('of a run that died, what the runs before it found of the sources is still so', () => {
    const [, account] = TABLE.find(([what]) => what === 'got other bytes than declared') ?? [];
    assert.ok(account);
    const kindsOf = (found: readonly { kind: string }[]) => found.map(({ kind }) => kind);
    const died = diedRun({ ...account, startedAt: '2026-04-01T00:00:00Z' });
    assert.ok(kindsOf(died).includes('source_contradicts_manifest'));
  });
});
