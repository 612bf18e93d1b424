import { ran } from './execute.ts';
import type { Stage } from './stage.ts';
import type { Step } from './story.ts';

/**
 * Two runs of one manifest at once. The second finds the first alive, and is refused; or it takes it for dead, and the first,
 * which goes on once the second has ended, is refused its commit and changes nothing.
 * @param meanwhile what is delivered before the second begins: what the first would commit is not what the second did
 */
export async function race(
  stage: Stage,
  { manifest, batch, other, at, dead }: Extract<Step, { kind: 'race' }>,
  meanwhile: () => Promise<void>,
): Promise<string[]> {
  const [of, beside] = [
    { manifest, batch },
    { manifest, batch: other },
  ];
  const held = await stage.world.runUntil(of, at);
  // It did not come by the point: a run like any other.
  if (held.kind === 'ended') return ran(stage, of, held);
  if (!dead) {
    const refused = refusalOf(await stage.world.attempt(beside));
    const wrong =
      refused === IN_PROGRESS ? [] : [`race: the second is not refused as it should be: ${refused}`];
    return [...wrong, ...ran(stage, of, { kind: 'ended', value: await held.goOn() })];
  }
  const wrong = ran(stage, of, { kind: 'died', death: held.death });
  await meanwhile();
  stage.world.takeForDead();
  const second = await stage.world.attempt(beside);
  const [report] = second.runs;
  if (report === undefined) return [...wrong, `race: the second did not open: ${refusalOf(second)}`];
  wrong.push(...ran(stage, beside, { kind: 'ended', value: report }));
  const { state, failure } = await held.goOn();
  if (failure?.code !== LEASE_LOST)
    wrong.push(`race: the first was taken for dead and ended ${state}, ${failure?.code}`);
  return wrong;
}

function refusalOf({ unopened }: Awaited<ReturnType<Stage['world']['attempt']>>): string {
  return unopened[0]?.failure.code ?? 'none';
}

const IN_PROGRESS = 'TM7001';
const LEASE_LOST = 'TM5102';
