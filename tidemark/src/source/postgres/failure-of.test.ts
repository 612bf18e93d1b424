import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RelationFailure } from '../relation/relation-failure.ts';
import { failureOf } from './failure-of.ts';

const told = (code: string | undefined, message = 'why') => {
  const failure = failureOf(Object.assign(new Error(message), { code }), { place: 'postgres://db/x' });
  return failure instanceof RelationFailure ? `${failure.code} ${failure.errno}` : failure;
};

describe('a failure of PostgreSQL', () => {
  it('is told by what to do: wait, mend the connection, mend the declaration', () => {
    assert.equal(told('55P03'), 'TM4735 EBUSY');
    for (const code of ['40001', '40P01']) assert.equal(told(code), 'TM4735 EAGAIN');
    assert.equal(told('57014', 'canceling statement due to statement timeout'), 'TM4735 undefined');
    assert.equal(told('57014', 'canceling statement due to user request'), 'TM4735 EAGAIN');
    for (const code of ['28P01', '3D000', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
      assert.equal(told(code), 'TM4734 undefined');
    for (const code of ['08006', '53300', '57P01', '58030', 'ECONNREFUSED', 'ENOTFOUND'])
      assert.equal(told(code), 'TM4733 EREMOTEIO');
    assert.equal(told(undefined, 'Connection terminated unexpectedly'), 'TM4733 EREMOTEIO');
    for (const code of ['42P01', '42501']) assert.equal(told(code), 'TM4736 undefined');
    const hidden = 'query would be affected by row-level security policy for table "t"';
    assert.equal(told('42501', hidden), 'TM4738 undefined');
  });

  it('is left as it is where it is none of the database', () => {
    assert.ok(told(undefined, 'a mistake of ours') instanceof Error);
    assert.equal(failureOf('x', { place: '' }), 'x');
  });
});
