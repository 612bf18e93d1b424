import type { CatalogReader } from '../catalog/catalog.ts';
import { moveIncident } from '../incident/record-symptoms.ts';
import type { Engine } from '../run/engine.ts';
import type { BatchTarget } from './batch-at-hand.ts';
import type { RecoveryVerb } from './recovery-plan.ts';

/** Why a unit is to be made again, by its key and the run that prepared it: a verification looked deeper than a plan does. */
export type FoundDamage = ReadonlyMap<string, string>;

export function damageKey({ unitKey, preparedBy }: { unitKey: string; preparedBy: string }): string {
  return `${unitKey}@${preparedBy}`;
}

/** What is open of a batch and names units: their rows, files or cells are not what they were committed as. */
export async function foundDamage(
  catalog: CatalogReader,
  { manifestId, batchId }: BatchTarget,
): Promise<FoundDamage> {
  const rows = await catalog
    .selectFrom('incidents')
    .select(['facts', 'message', 'run_id'])
    .where('state', '<>', 'resolved')
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .orderBy('incident_key')
    .execute();
  return new Map(
    rows.flatMap(({ facts, message, run_id: preparedBy }) => {
      const { units } = JSON.parse(facts) as { units?: unknown };
      if (!Array.isArray(units) || preparedBy === null) return [];
      // A reason is part of a sentence.
      const why = message.replace(/\.$/, '');
      return units.map((unitKey) => [damageKey({ unitKey: String(unitKey), preparedBy }), why] as const);
    }),
  );
}

/** What the executed plan should have mended waits for a verification to say so. */
export async function markMending(
  engine: Engine,
  { batch, verb, runId }: { batch: BatchTarget; verb: RecoveryVerb; runId: string },
): Promise<void> {
  await engine.catalog.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('incidents')
      .selectAll()
      .where('state', 'in', ['open', 'acknowledged'])
      .where('manifest_id', '=', batch.manifestId)
      .where('batch_id', '=', batch.batchId)
      .where('suggestion', 'like', `tidemark ${verb} %`)
      .execute();
    const now = engine.clock.now().toISOString();
    for (const row of rows)
      await moveIncident(tx, { row, event: 'plan_executed', now, detail: { verb, runId } });
  });
}
