import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { RunEvent } from '../run/events.ts';
import { Progress } from './progress.ts';
import { RateMeter } from './progress-rate.ts';
import { asset } from './reports.fixture.ts';

function pipe() {
  const stream = new PassThrough();
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
}

function landed(bytes: number): RunEvent {
  return { kind: 'asset_progress', sourceId: 's', stage: 'landing', bytes, totalBytes: 1000, records: 0 };
}

describe('progress in a log', () => {
  it('says nothing of a run that is over soon', () => {
    const { stream, text } = pipe();
    let nowMs = 0;
    const progress = new Progress({ stream, assets: 1, now: () => nowMs });
    for (; nowMs < 29_000; nowMs += 100) progress.take(landed(nowMs / 100));
    progress.take({ kind: 'asset_ended', asset: asset() });
    progress.take({ kind: 'committing', tables: ['ticket'], attempt: 1 });
    progress.pause();
    assert.equal(text(), '');
  });

  it('says one plain line every half minute of a long one', () => {
    const { stream, text } = pipe();
    let nowMs = 0;
    const progress = new Progress({ stream, assets: 1, now: () => nowMs });
    for (; nowMs < 65_000; nowMs += 100) progress.take(landed(nowMs / 100));
    assert.deepEqual(text().split('\n'), [
      '1/1 s: landing, 30% of 1000 B, 10 B/s, 1 min 10 s left',
      '1/1 s: landing, 60% of 1000 B, 10 B/s, 40 s left',
      '',
    ]);
  });
});

describe('the rate', () => {
  it('is that of the last ten seconds, not of the whole time', () => {
    const meter = new RateMeter();
    for (let second = 0; second <= 60; second += 1) meter.take({ atMs: second * 1000, done: second });
    for (let second = 61; second <= 75; second += 1)
      meter.take({ atMs: second * 1000, done: (second - 60) * 100 });
    assert.equal(meter.take({ atMs: 75_000, done: 1500 }).perSecond, 100);
  });

  it('is not known at first, and begins anew when the next stage starts at zero', () => {
    const meter = new RateMeter();
    assert.equal(meter.take({ atMs: 0, done: 0 }).perSecond, null);
    assert.equal(meter.take({ atMs: 1000, done: 50 }).perSecond, 50);
    assert.equal(meter.take({ atMs: 1200, done: 10 }).perSecond, null);
  });
});
