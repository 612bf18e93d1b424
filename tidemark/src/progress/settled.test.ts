import assert from 'node:assert/strict';
import { it } from 'node:test';
import { distanceBehind } from './distance.ts';
import { settledBefore } from './settled.ts';

const HOUR = 3_600_000;

it('what was seen is settled once nothing that is allowed to be late can come any more', () => {
  assert.equal(settledBefore('2026-03-02 01:00:00.000005+00', 2 * HOUR), '2026-03-01 23:00:00.000005+00');
  assert.equal(settledBefore('2026-03-02T01:00:00+02:00', HOUR), '2026-03-01 22:00:00.000000+00');
  assert.equal(settledBefore('2026-03-02', 36 * HOUR), '2026-02-28');
  assert.equal(settledBefore('2026-03-02T01:00:00+02:00', 0), '2026-03-02T01:00:00+02:00');
  for (const noTime of ['42', 'ticket-7']) assert.equal(settledBefore(noTime, HOUR), noTime);
});

it('the distance of two values is a time, a number, or not to be told', () => {
  assert.deepEqual(distanceBehind('2026-03-01', '2026-03-02T06:00:00Z'), { kind: 'time', ms: 30 * HOUR });
  assert.deepEqual(distanceBehind('9007199254740993', '9007199254740992'), { kind: 'count', count: '-1' });
  assert.equal(distanceBehind('a', 'b'), null);
  assert.equal(distanceBehind('1', '2026-03-01'), null);
});
