import type { Line } from './deliveries.ts';
import { Divergence } from './divergence.ts';
import { Reference } from './expected/reference.ts';
import { expectedView } from './expected/view.ts';
import { adviceThatDiffers } from './follow.ts';
import { PLACES, type PlaceName } from './names.ts';
import { differences, Reader } from './seen.ts';
import type { Stage } from './stage.ts';
import type { Step } from './story.ts';
import { deliver, takeStep } from './take-step.ts';
import { World } from './world.ts';

/** Plays a story in a world of its own and in the model. @throws Divergence at the first step after which they differ */
export async function play(
  story: readonly Step[],
  onStep: (step: Step) => void = () => undefined,
): Promise<void> {
  await using world = await World.create();
  await using reader = new Reader();
  const stage: Stage = { world, model: new Reference(), plans: new Map(), lastRuns: new Map() };
  await world.setContract('plain');
  for (const place of PLACES) await deliver(stage, { place, lines: START[place], quietly: false });
  for (const [index, step] of story.entries()) {
    onStep(step);
    const wrong = await differing(stage, { step, reader }).catch((error) => [
      `it fails: ${(error as Error).stack}`,
    ]);
    if (wrong.length > 0) throw new Divergence(story.slice(0, index + 1), wrong);
  }
}

const START: Readonly<Record<PlaceName, readonly Line[] | null>> = {
  a: [record(0), record(1)],
  b: [record(2)],
  c: [record(3)],
  d: [record(4)],
  'f/p': [record(5)],
  'f/q': [record(0)],
  'f/r': null,
};

function record(id: number): Line {
  return { kind: 'record', id, note: 0, status: 'open', exported: 0 };
}

/** What a step does otherwise than the model says, and what is seen otherwise afterwards. */
async function differing(stage: Stage, { step, reader }: { step: Step; reader: Reader }): Promise<string[]> {
  const wrong = await takeStep(stage, step);
  const seen = await reader.tables(stage.world.home).catch(() => ({}));
  return [...wrong, ...differences(expectedView(stage.model), seen), ...(await adviceThatDiffers(stage))];
}
