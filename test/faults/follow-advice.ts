import assert from 'node:assert/strict';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { Advice } from '../../tidemark/src/recovery/advise-batches.ts';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';
import type { Tidemark } from '../../tidemark/src/tidemark.ts';

/** More than any failure here should take. */
const STEPS_MAX = 4;

/**
 * Does what `tidemark recover` says, one thing at a time, until it says that nothing is to be mended, as a person who
 * knows nothing else would. Returns the commands in order.
 */
export async function followAdvice(project: SampleProject): Promise<string[]> {
  const commands: string[] = [];
  await using tidemark = await openTidemark({ project: project.root });
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const [wanting] = (await tidemark.advise()).filter(({ recommendation: { kind } }) => kind !== 'none');
    if (wanting === undefined) return commands;
    commands.push(wanting.next ?? '');
    await follow(tidemark, wanting);
  }
  throw assert.fail(`still not mended after ${commands.join(', then ')}`);
}

async function follow(tidemark: Tidemark, advice: Advice): Promise<void> {
  const { recommendation: advised, manifestId, batchId } = advice;
  const of = { manifestId, batchId, reason: 'as advised' };
  switch (advised.kind) {
    case 'verb': {
      const { planId } = await tidemark.planRecovery({ ...of, verb: advised.verb });
      await tidemark.executePlan({ verb: advised.verb, planId });
      return;
    }
    case 'backfill': {
      const { planId } = await tidemark.planRecovery({
        ...of,
        ...advised,
        verb: 'backfill',
        reason: of.reason,
      });
      await tidemark.executePlan({ verb: 'backfill', planId });
      return;
    }
    case 'again':
      await tidemark.executePlan(advised);
      return;
    case 'run':
      await tidemark.run();
      return;
    default:
      assert.fail(`${advised.kind}: ${advised.kind === 'none' ? '' : advised.reason}`);
  }
}
