import type { CatalogReader } from '../../catalog/catalog.ts';
import type { SourceManifest } from '../../manifest/source-manifest.ts';
import { type BatchStanding, batchStandings } from '../batch-standings.ts';
import { chainHead } from '../chain.ts';
import { readAttention } from '../read-attention.ts';
import { inProgressIds } from '../run-leases.ts';
import { counted, facts, related, type Story } from './story.ts';

/** Batches of a manifest that are told of, the latest ones. */
const BATCHES_MAX = 50;

/** A manifest: what it declares, in which versions it was read, how its batches stand. */
export async function manifestStory(catalog: CatalogReader, manifestId: string): Promise<Story> {
  const versions = await catalog
    .selectFrom('manifests')
    .select(['content_hash', 'path', 'first_seen_at'])
    .where('manifest_id', '=', manifestId)
    .orderBy('first_seen_at')
    .execute();
  const latest = await catalog
    .selectFrom('manifests')
    .select('body')
    .where('manifest_id', '=', manifestId)
    .orderBy('first_seen_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const manifest = JSON.parse(latest?.body ?? '{}') as Partial<SourceManifest>;
  const { batches, more } = await latestBatchesOf(catalog, manifestId);
  const head = await chainHead(catalog, manifestId);
  const attention = await readAttention(catalog, { batches, inProgress: await inProgressIds(catalog) });
  return {
    kind: 'manifest',
    title: `manifest ${manifestId}`,
    facts: [
      ...facts({
        file: versions.at(-1)?.path,
        'load mode': manifest.load_mode,
        license: manifest.license_tag,
        owner: manifest.owner,
        declares: manifest.assets && counted(manifest.assets.length, 'asset'),
        'evidence head': head && `${manifestId}@${head.seq}:${head.hash}`,
        'earlier batches': more > 0 ? `${more} more` : null,
      }),
      ...versions.map((version) => ({
        label: 'content',
        value: `SHA-256 ${version.content_hash}, first read ${version.first_seen_at} from ${version.path}`,
      })),
    ],
    related: [
      ...batches.map(({ batchId, revision, lastRun }) => ({
        label: 'batch',
        value: `${batchId}: ${counted(revision, 'commit')}, last run ${lastRun?.state ?? 'none'} (${lastRun?.startedAt ?? '–'})`,
        query: batchId,
      })),
      ...related({ contract: manifest.contract_ref }),
      ...(manifest.assets ?? []).map((asset) => ({
        label: 'source',
        value: `${asset.source_id} (${asset.source_url_or_path})`,
        query: asset.source_id,
      })),
    ],
    next: attention[0]?.next ?? null,
  };
}

/** Those that a run was of last, the latest first, and how many there are besides. */
async function latestBatchesOf(
  catalog: CatalogReader,
  manifestId: string,
): Promise<{ batches: BatchStanding[]; more: number }> {
  const rows = await catalog
    .selectFrom('batches')
    .select('batch_id')
    .where('manifest_id', '=', manifestId)
    .orderBy('updated_at', 'desc')
    .limit(BATCHES_MAX)
    .execute();
  const { count } = await catalog
    .selectFrom('batches')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('manifest_id', '=', manifestId)
    .executeTakeFirstOrThrow();
  const batches: BatchStanding[] = [];
  for (const { batch_id: batchId } of rows)
    batches.push(...(await batchStandings(catalog, { manifestId, batchId })));
  return { batches, more: count - rows.length };
}
