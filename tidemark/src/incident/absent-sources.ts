import type { CatalogReader } from '../catalog/catalog.ts';
import { declarationOf } from '../evidence/declared-tables.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Symptom } from './symptom.ts';

const IN_THE_TABLES = ['committed', 'already_committed'];

/**
 * Sources that the full snapshot before had in the tables and the latest no longer declares. Their rows stay: absence
 * never deletes. What records a snapshot no longer lists is not told: the rows of the one before would have to be read.
 */
export async function absentSources(catalog: CatalogReader, manifestId: string): Promise<Symptom[]> {
  const [run] = await snapshotsOf(catalog, { manifestId, before: null });
  if (run === undefined || run.load_mode !== 'full_snapshot') return [];
  const [earlier] = await snapshotsOf(catalog, { manifestId, before: run });
  if (earlier === undefined) return [];
  const declared = await declarationOf(catalog, { manifestId, contentHash: run.manifest_hash });
  const listed = new Set(declared.sources);
  const rows = await catalog
    .selectFrom('run_assets')
    .select('source_id')
    .where('run_id', '=', earlier.run_id)
    .where('outcome', 'in', IN_THE_TABLES)
    .orderBy('position')
    .execute();
  const { batch_id: batchId, run_id: runId, path } = run;
  return rows
    .map(({ source_id }) => source_id)
    .filter((sourceId) => !listed.has(sourceId))
    .map((sourceId) => ({
      kind: 'absent_from_snapshot',
      manifestId,
      batchId,
      sourceId,
      table: null,
      runId,
      distinction: '',
      message: `${sourceId} was in batch ${earlier.batch_id} of ${manifestId} and is not declared for ${batchId}: nothing was deleted, its rows stay as they are. If it is gone for good, acknowledge this; else declare it again.`,
      facts: { before: earlier.batch_id, runBefore: earlier.run_id, declared: listed.size, was: rows.length },
      query: nextCommand('show', sourceId),
      suggestion: nextCommand('run', '--manifest-path', path ?? ''),
    }));
}

/** The latest whole run of a manifest, or the latest before one that took another batch or another declaration. */
async function snapshotsOf(
  catalog: CatalogReader,
  {
    manifestId,
    before,
  }: { manifestId: string; before: { run_id: string; batch_id: string; manifest_hash: string } | null },
) {
  let runs = catalog
    .selectFrom('runs')
    .innerJoin('batches', (join) =>
      join
        .onRef('batches.manifest_id', '=', 'runs.manifest_id')
        .onRef('batches.batch_id', '=', 'runs.batch_id'),
    )
    .leftJoin('manifests', (join) =>
      join
        .onRef('manifests.manifest_id', '=', 'runs.manifest_id')
        .onRef('manifests.content_hash', '=', 'runs.manifest_hash'),
    )
    .select(['runs.run_id', 'runs.batch_id', 'runs.manifest_hash', 'batches.load_mode', 'manifests.path'])
    .where('runs.manifest_id', '=', manifestId)
    .where('runs.state', 'in', ['committed', 'nothing_to_commit'])
    .where('runs.verb', 'in', ['run', 'retry', 'rerun']);
  if (before !== null)
    runs = runs
      .where('runs.run_id', '<', before.run_id)
      .where((eb) =>
        eb.or([
          eb('runs.batch_id', '<>', before.batch_id),
          eb('runs.manifest_hash', '<>', before.manifest_hash),
        ]),
      );
  return await runs.orderBy('runs.run_id', 'desc').limit(1).execute();
}
