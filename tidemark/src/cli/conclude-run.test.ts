import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import type { Disposition } from '../errors/tidemark-error.ts';
import { concludeRun } from './conclude-run.ts';
import { asset, invocation, passing, proof, RUN_A, run, secondRun, tally } from './reports.fixture.ts';

const options = { failOnRejects: false, notBegun: 0, again: 'npx tidemark run' };
const failure = (code: ErrorCode, disposition: Disposition = 'transient') => ({
  code,
  disposition,
  message: 'It failed.',
  next: 'Mend it.',
});

describe('the exit code of a run', () => {
  it('is 0 when everything is in', () => {
    assert.deepEqual(concludeRun(invocation(), options), {
      exit: 0,
      reason: '1 source committed',
      also: [],
      next: null,
    });
  });

  it('is 0 when nothing was new', () => {
    const { exit, reason } = concludeRun(invocation({ runs: [secondRun()] }), options);
    assert.equal(exit, 0);
    assert.equal(reason, 'nothing was new: 1 source in before');
  });

  it('is 0 with rejected records, unless they are asked to fail it', () => {
    const rejecting = invocation({
      runs: [run({ assets: [asset({ records: tally({ read: 3, accepted: 1, rejected: 2 }) })] })],
    });
    assert.equal(concludeRun(rejecting, options).exit, 0);
    const strict = concludeRun(rejecting, { ...options, failOnRejects: true });
    assert.equal(strict.exit, 1);
    assert.equal(strict.next, `npx tidemark rejects --run ${RUN_A}`);
  });

  it('is 0 when the gate holds an asset back, and 1 when one is refused', () => {
    const held = invocation({ runs: [run({ assets: [asset(), asset({ outcome: 'held' })] })] });
    assert.equal(concludeRun(held, options).exit, 0);
    const refused = asset({ sourceId: 'liar', outcome: 'refused', next: 'Mend liar.' });
    const conclusion = concludeRun(invocation({ runs: [run({ assets: [asset(), refused] })] }), options);
    assert.deepEqual(conclusion, {
      exit: 1,
      reason: '1 asset of manifest-tickets-20260306-001 was refused (liar)',
      also: [],
      next: 'Mend liar.',
    });
  });

  it('is 1 when a manifest is refused', () => {
    const refused = [{ kind: 'refused' as const, path: 'data/seed_manifests/bad.json', problems: [] }];
    const conclusion = concludeRun(invocation({ refused }), options);
    assert.equal(conclusion.exit, 1);
    assert.match(
      conclusion.next ?? '',
      /`npx tidemark check --manifest-path data\/seed_manifests\/bad\.json`$/,
    );
  });

  it('is 4 when a batch waits, even beside a refused manifest', () => {
    const waiting = run({
      state: 'failed',
      assets: [asset({ outcome: 'failed' })],
      failure: failure(ERROR_CODES.batch_blocked),
      reconciliation: null,
    });
    const refused = [{ kind: 'refused' as const, path: 'bad.json', problems: [] }];
    const { exit, also } = concludeRun(invocation({ runs: [waiting], refused }), options);
    assert.deepEqual([exit, also], [4, ['1 manifest was refused']]);
  });

  it('is 5 when another run is in progress', () => {
    const unopened = [
      { manifestId: 'm', path: 'm.json', failure: failure(ERROR_CODES.run_in_progress, 'conflict') },
    ];
    const conclusion = concludeRun(invocation({ runs: [], unopened }), options);
    assert.equal(conclusion.exit, 5);
    assert.equal(conclusion.next, 'Mend it.');
  });

  it('is 8 when what was committed cannot be proved', () => {
    const failing = proof([passing('a'), { ...passing('b'), received: '2', verdict: 'fail' }]);
    const conclusion = concludeRun(invocation({ runs: [run({ reconciliation: failing })] }), options);
    assert.equal(conclusion.exit, 8);
    assert.equal(conclusion.next, `npx tidemark reconcile --run ${RUN_A}`);
  });

  it('is 70 for a fault of the engine, 3 for what a person has to change', () => {
    const failed = (code: ErrorCode, disposition: Disposition) =>
      invocation({ runs: [run({ state: 'failed', failure: failure(code, disposition) })] });
    assert.equal(concludeRun(failed(ERROR_CODES.account_open, 'invariant'), options).exit, 70);
    assert.equal(concludeRun(failed(ERROR_CODES.schema_change_refused, 'configuration'), options).exit, 3);
    assert.equal(concludeRun(failed(ERROR_CODES.store_full, 'transient'), options).exit, 4);
  });

  it('is 130 when interrupted, in a run or before the next one, and says how to go on', () => {
    const stopped = run({ state: 'interrupted', assets: [], failure: failure(ERROR_CODES.run_interrupted) });
    assert.match(concludeRun(invocation({ runs: [stopped] }), options).next ?? '', /^npx tidemark run /);
    assert.equal(concludeRun(invocation({ runs: [stopped] }), options).exit, 130);
    assert.equal(concludeRun(invocation(), { ...options, notBegun: 2 }).exit, 130);
  });
});
