import type { CatalogReader } from '../../catalog/catalog.ts';
import type { SourceManifest } from '../../manifest/source-manifest.ts';
import { batchStandings } from '../batch-standings.ts';
import { chainHead } from '../chain.ts';
import { readAttention } from '../read-attention.ts';
import { inProgressIds } from '../run-leases.ts';
import { counted, facts, related, type Story } from './story.ts';

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
  const batches = await batchStandings(catalog, { manifestId });
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
