import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Disposition } from '../errors/tidemark-error.ts';
import { EXITS, type ExitCode, exitCodesHelp, exitOfDisposition, worstExit } from './exit-codes.ts';

describe('exit codes', () => {
  /** Total over the dispositions: the compiler finds the one that is missing here. */
  const truth: Record<Disposition, ExitCode> = {
    configuration: 3,
    transient: 4,
    conflict: 5,
    outcome_unknown: 6,
    history_lost: 7,
    invariant: 70,
  };

  for (const [disposition, exit] of Object.entries(truth) as [Disposition, ExitCode][]) {
    it(`${disposition} exits ${exit}`, () => assert.equal(exitOfDisposition(disposition), exit));
  }

  it('are all told by --help, in the order of their numbers', () => {
    const told = [...exitCodesHelp().matchAll(/^ +(\d+) {2}\S/gm)].map(([, code]) => Number(code));
    assert.deepEqual(
      told,
      EXITS.map(([, code]) => code).sort((a, b) => a - b),
    );
    assert.deepEqual(told, [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130]);
  });

  it('of several the most severe is taken: unfinished beats refused, interrupted beats all', () => {
    assert.equal(worstExit([]), 0);
    assert.equal(worstExit([0, 1, 4]), 4);
    assert.equal(worstExit([3, 5]), 3);
    assert.equal(worstExit([8, 3]), 8);
    assert.equal(worstExit([70, 130, 6]), 130);
  });
});
