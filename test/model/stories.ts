import fc from 'fast-check';
import { divergenceOf, shortest } from './shrink.ts';
import { step } from './step.ts';
import type { Step } from './story.ts';

const STEPS_MAX = 40;

/** Stories of a seed, one after the other, each in a world of its own. The same seed tells the same stories. */
export function* storiesOf(seed: number): Generator<Step[]> {
  for (let index = 0; ; index += 1) yield storyAt(seed, index);
}

export function storyAt(seed: number, index: number): Step[] {
  const [story = []] = fc.sample(fc.array(step, { minLength: STEPS_MAX, maxLength: STEPS_MAX }), {
    seed: seed + index * 7_919,
    numRuns: 1,
  });
  return story;
}

export interface Played {
  readonly steps: number;
  readonly stories: number;
  /** Each as short as it could be made, with the command that tells it again. */
  readonly divergences: readonly string[];
}

/** Plays stories until that many steps were taken without a divergence, or that many stories diverged. */
export async function playStories(options: {
  readonly seed: number;
  readonly steps: number;
  readonly divergencesMax: number;
  readonly shrinkMs: number;
  onStory?(played: Played): void;
}): Promise<Played> {
  let played: Played = { steps: 0, stories: 0, divergences: [] };
  for (const [index, whole] of storiesOf(options.seed).map((story, at) => [at, story] as const)) {
    const story = whole.slice(0, options.steps - played.steps);
    let taken = 0;
    const found = await divergenceOf(story, () => {
      taken += 1;
    });
    const told = found === null ? [] : [await tell(found, { ...options, index })];
    played = {
      steps: played.steps + taken,
      stories: played.stories + 1,
      divergences: [...played.divergences, ...told],
    };
    options.onStory?.(played);
    if (played.steps >= options.steps || played.divergences.length >= options.divergencesMax) break;
  }
  return played;
}

async function tell(
  found: Parameters<typeof shortest>[0],
  { seed, index, shrinkMs }: { seed: number; index: number; shrinkMs: number },
): Promise<string> {
  const { message } = await shortest(found, { untilMs: performance.now() + shrinkMs });
  return `${message}\n  Again: npm run test:model -- --seed ${seed} --story ${index}`;
}
