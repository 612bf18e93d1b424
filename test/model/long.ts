// Plays stories of the model for long: npm run test:model -- [--steps 50000] [--seed 1] [--story 17]
import { parseArgs } from 'node:util';
import { divergenceOf, shortest } from './shrink.ts';
import { playStories, storyAt } from './stories.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    /** Only this one, made as short as it can be where it diverges. */
    story: { type: 'string' },
    divergences: { type: 'string', default: '5' },
  },
});
const [seed, steps, divergencesMax] = [Number(values.seed), Number(values.steps), Number(values.divergences)];
if (![seed, steps, divergencesMax].every(Number.isSafeInteger)) {
  process.stderr.write('--steps, --seed and --divergences are whole numbers.\n');
  process.exit(2);
}
const SHRINK_MS = 180_000;
const startedAt = performance.now();

if (values.story !== undefined) {
  const found = await divergenceOf(storyAt(seed, Number(values.story)));
  const told = found === null ? null : await shortest(found, { untilMs: startedAt + SHRINK_MS });
  process.stdout.write(`${told?.message ?? 'The story does not diverge.'}\n`);
  process.exitCode = told === null ? 0 : 1;
} else {
  let told = 0;
  const played = await playStories({
    seed,
    steps,
    divergencesMax,
    shrinkMs: SHRINK_MS,
    onStory: (so) => {
      for (const divergence of so.divergences.slice(told)) process.stdout.write(`${divergence}\n`);
      told = so.divergences.length;
      const seconds = (performance.now() - startedAt) / 1000;
      const line = `${so.steps} of ${steps} steps, ${so.stories} stories, ${told} divergences, ${Math.round(seconds)} s`;
      process.stderr.write(process.stderr.isTTY ? `\r${line}` : so.stories % 25 === 0 ? `${line}\n` : '');
    },
  });
  process.stdout.write(
    `\nSeed ${seed}: ${played.steps} steps in ${played.stories} stories, ${played.divergences.length} divergences.\n`,
  );
  process.exitCode = played.divergences.length === 0 ? 0 : 1;
}
