import { Divergence } from './divergence.ts';
import { play } from './play.ts';
import type { Step } from './story.ts';

/**
 * The shortest story that is found, within a time, to diverge in the same way: what comes after the divergence goes, then
 * halves, quarters and single steps, from the end on. Any part of a story is a story, so nothing has to be kept together.
 * fast-check's own shrinking of lists was tried and took ten times as many worlds for stories of this length.
 */
export async function shortest(found: Divergence, { untilMs }: { untilMs: number }): Promise<Divergence> {
  let best = found;
  for (let size = Math.ceil(best.story.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = best.story.length - 1; end > 0; end -= size) {
      if (performance.now() > untilMs) return best;
      const without = [...best.story.slice(0, Math.max(0, end - size)), ...best.story.slice(end)];
      const shorter = await divergenceOf(without);
      if (shorter?.manner !== best.manner) continue;
      best = shorter;
      end = Math.min(end, best.story.length);
    }
  }
  return best;
}

export async function divergenceOf(
  story: readonly Step[],
  onStep?: (step: Step) => void,
): Promise<Divergence | null> {
  try {
    await play(story, onStep);
    return null;
  } catch (error) {
    if (error instanceof Divergence) return error;
    throw error;
  }
}
