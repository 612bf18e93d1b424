import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleWave } from '../../testing/sample-assets.ts';
import { completeWaveHead } from './streamed-wave.ts';

describe('completing the head of a WAV file written to a pipe', () => {
  it('puts in the sizes that the file has', () => {
    const whole = sampleWave({ seconds: 1 });
    for (const statedBytes of [0, 0xffffffff]) {
      const piped = sampleWave({ seconds: 1, statedBytes });
      assert.deepEqual(Buffer.from(completeWaveHead(piped, piped.length)), whole);
      assert.equal(piped.readUInt32LE(40), statedBytes, 'the bytes given are not changed');
    }
  });

  it('leaves every other head as it is', () => {
    const whole = sampleWave({ seconds: 1 });
    const piped = sampleWave({ seconds: 1, statedBytes: 0xffffffff });
    const beyondTheForm = 5_000_000_000;
    assert.equal(completeWaveHead(whole, whole.length), whole);
    assert.equal(completeWaveHead(piped, beyondTheForm), piped);
    const cut = piped.subarray(0, 30);
    assert.equal(completeWaveHead(cut, 30), cut);
  });

  it('ends on any bytes', () => {
    const start = Buffer.from('RIFF\xff\xff\xff\xffWAVE', 'latin1');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (rest) => {
        const head = Buffer.concat([start, rest]);
        assert.equal(completeWaveHead(head, head.length).length, head.length);
      }),
    );
  });
});
