import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';

/** In two processes: on one core they take twice as long as the rest of a file's tests may. */
const PROCESSES = 2;
const STEPS = 2_000;

/** What the long script says, with the stories that diverged, made short. */
function played(seed: number, steps: number): Promise<string> {
  const script = fileURLToPath(new URL('long.ts', import.meta.url));
  const words = [script, '--seed', String(seed), '--steps', String(steps), '--divergences', '1'];
  return new Promise((resolve) => {
    execFile(process.execPath, words, (_error, stdout, stderr) => resolve(stdout || stderr));
  });
}

describe('whatever is delivered, run, killed, changed and recovered', () => {
  it('the tables, the progress, the incidents and the advice are those of a simple model', async () => {
    const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31);
    const seeds = Array.from({ length: PROCESSES }, (_, at) => seed + at);
    const steps = STEPS / PROCESSES;
    const said = await Promise.all(seeds.map(async (one) => await played(one, steps)));
    for (const [at, text] of said.entries())
      assert.match(
        text,
        new RegExp(`^Seed ${seed + at}: ${steps} steps in \\d+ stories, 0 divergences\\.$`, 'm'),
        text,
      );
  });
});
