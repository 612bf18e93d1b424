import { nextCommand } from '../evidence/next-command.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import { damageOf } from './damaged-files.ts';
import { damageKey, type FoundDamage } from './found-damage.ts';
import type { PlanningStage } from './planning-stage.ts';
import { NOTHING_PLANNED, type PlannedSource } from './recovery-plan.ts';

/**
 * What is damaged of sources that the manifest has dropped: nothing says any more how their bytes are read. It keeps others
 * from being mended only where they wait for it.
 */
export async function declaredNoMore(
  { openEngine }: Pick<PlanningStage, 'openEngine'>,
  {
    batch: { assets, units, declared },
    found,
    waits,
  }: { batch: BatchAtHand; found: FoundDamage; waits: boolean },
): Promise<PlannedSource[]> {
  const known = new Set(assets.map(({ file }) => file.sourceId));
  const sources: PlannedSource[] = [];
  for (const { unit, committedBy } of units) {
    const { sourceId, split } = unit;
    if (unit.table === QUARANTINE_TABLE || known.has(sourceId)) continue;
    const damage = found.get(damageKey(unit)) ?? (await damageOf(unit, openEngine));
    if (damage === null) continue;
    sources.push({
      ...NOTHING_PLANNED,
      sourceId,
      ...(split !== undefined && { split }),
      declaredPath: '',
      window: null,
      action: waits ? 'impossible' : 'stay',
      why: `${damage}, and ${declared.path} declares ${sourceId} no more: declare it again as run ${committedBy} took it in (${nextCommand('show', sourceId)})`,
    });
  }
  return sources;
}
