import type { CatalogReader } from '../catalog/catalog.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { latestSources, recentBatches } from './recent-batches.ts';
import type { Symptom } from './symptom.ts';
import { judgeVolume, RECENT_BATCHES } from './volume.ts';

const KIND = 'volume_out_of_character';

/**
 * Sources of a manifest whose latest batch has many more or many fewer records than the others had. One that was found
 * before is looked at again while it is among the recent ones: others like it make it usual.
 */
export async function oddVolumes(catalog: CatalogReader, manifestId: string): Promise<Symptom[]> {
  const known = await catalog
    .selectFrom('incidents')
    .select(['batch_id', 'source_id'])
    .where('manifest_id', '=', manifestId)
    .where('kind', '=', KIND)
    .where('state', '<>', 'resolved')
    .execute();
  const symptoms: Symptom[] = [];
  for (const sourceId of await latestSources(catalog, manifestId)) {
    const recent = await recentBatches(catalog, { manifestId, sourceId, limit: RECENT_BATCHES + 1 });
    for (const [at, batch] of recent.entries()) {
      const again = known.some((row) => row.batch_id === batch.batchId && row.source_id === sourceId);
      if (at > 0 && !again) continue;
      const others = recent.filter((_, place) => place !== at).map(({ records }) => records);
      const verdict = judgeVolume(batch.records, others);
      if (verdict === null || verdict.found === 'usual') continue;
      const { median, least, most, found } = verdict;
      symptoms.push({
        kind: KIND,
        manifestId,
        batchId: batch.batchId,
        sourceId,
        table: null,
        runId: batch.runId,
        distinction: '',
        message: `${sourceId} brought ${batch.records} records in batch ${batch.batchId}, ${found === 'few' ? 'far fewer' : 'far more'} than usual: the median of ${others.length} others is ${median}, ${least} to ${most} would be in character.`,
        facts: { records: batch.records, median, least, most, batches: others.length, others },
        query: `SELECT batch_id, records FROM checkpoints WHERE manifest_id = '${manifestId}' AND source_id = '${sourceId.replaceAll("'", "''")}' ORDER BY updated_at DESC`,
        suggestion: nextCommand('rerun', '--manifest', manifestId, '--batch-id', batch.batchId),
      });
    }
  }
  return symptoms;
}
