import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RelationFailure } from '../relation/relation-failure.ts';
import { failureOf } from './failure-of.ts';

const told = (fields: { errno?: number; code?: string }, message = 'why') => {
  const failure = failureOf(Object.assign(new Error(message), fields), { place: 'mysql://db/x' });
  return failure instanceof RelationFailure ? `${failure.code} ${failure.errno}` : failure;
};

describe('a failure of MySQL', () => {
  it('is told by what to do: wait, mend the connection, mend the declaration', () => {
    assert.equal(told({ errno: 1205 }), 'TM4735 EBUSY');
    assert.equal(told({ errno: 1412 }), 'TM4735 EAGAIN');
    for (const errno of [3024, 1969]) assert.equal(told({ errno }), 'TM4735 undefined');
    for (const errno of [1045, 1049, 3159]) assert.equal(told({ errno }), 'TM4734 undefined');
    assert.equal(told({ errno: -1, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'TM4734 undefined');
    for (const errno of [1040, 1053, 1927]) assert.equal(told({ errno }), 'TM4733 EREMOTEIO');
    for (const code of ['ECONNREFUSED', 'PROTOCOL_CONNECTION_LOST', 'ENOTFOUND'])
      assert.equal(told({ errno: -111, code }), 'TM4733 EREMOTEIO');
    assert.equal(told({}, 'terminated after 1 of 2 rows'), 'TM4733 EREMOTEIO');
    assert.equal(told({ errno: 1146, code: 'ER_NO_SUCH_TABLE' }), 'TM4736 undefined');
  });

  it('is left as it is where it is none of the database', () => {
    assert.ok(told({}, 'a mistake of ours') instanceof Error);
    assert.equal(failureOf('x', { place: '' }), 'x');
  });
});
