import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { playStories } from './stories.ts';

const STEPS = 2_000;
/** For making a story that diverges short. */
const SHRINK_MS = 60_000;

describe('whatever is delivered, run, killed, changed and recovered', () => {
  it('the tables, the progress, the incidents and the advice are those of a simple model', async () => {
    const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31);
    const played = await playStories({ seed, steps: STEPS, divergencesMax: 1, shrinkMs: SHRINK_MS });
    assert.deepEqual(played.divergences, [], played.divergences.join('\n'));
    assert.equal(played.steps, STEPS);
  });
});
