import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listenForInterrupts } from './interrupts.ts';

it('one Ctrl-C through npx is one wish, however often it arrives; a later one ends at once', () => {
  const told: string[] = [];
  let nowMs = 1000;
  const listening = process.listenerCount('SIGINT');
  {
    using interrupts = listenForInterrupts({
      onFirst: () => told.push(`first, aborted ${interrupts.signal.aborted}`),
      onSecond: () => told.push('second'),
      now: () => nowMs,
    });
    process.emit('SIGINT', 'SIGINT');
    assert.ok(interrupts.signal.aborted);
    nowMs += 20;
    process.emit('SIGINT', 'SIGINT');
    assert.deepEqual(told, ['first, aborted false']);
    nowMs += 2000;
    process.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(told, ['first, aborted false', 'second']);
  }
  assert.equal(process.listenerCount('SIGINT'), listening);
});
