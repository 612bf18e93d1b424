import { isAbsolute, relative, resolve, sep } from 'node:path';
import { sql } from 'kysely';
import { pathOfFileUri } from '../../bronze/iceberg/file-uri.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { mountedPath } from '../../landing/store/mount.ts';
import type { SourceManifest } from '../../manifest/source-manifest.ts';
import { isInside } from '../../model/is-inside.ts';
import type { Archive } from '../archive.ts';
import { contentStory } from './content-story.ts';
import { dataFileStory } from './data-file-story.ts';
import { evidenceFileStory } from './evidence-file-story.ts';
import { manifestStory } from './manifest-story.ts';
import { runStory } from './run-story.ts';
import { snapshotStories } from './snapshot-story.ts';
import { sourceStories } from './source-story.ts';
import type { Story } from './story.ts';

/**
 * What a path leads to: a file that Tidemark keeps, a manifest, or a declared source. Absolute, or relative to the
 * working folder, the project root or the home; declared paths as the manifest writes them. The file need not exist.
 */
export async function pathStories(archive: Archive, text: string): Promise<Story[]> {
  const declared = await declaredStories(archive.catalog, text);
  if (declared.length > 0) return declared;
  if (!/[/\\.]/.test(text)) return [];
  for (const path of placesOf(archive, text)) {
    const stories = isInside(archive.home.dir, path)
      ? await keptStories(archive, path)
      : await projectStories(archive, path);
    if (stories.length > 0) return stories;
  }
  return [];
}

function placesOf({ root, home }: Archive, text: string): Set<string> {
  const named = mountedPath(text) ?? (/^file:/i.test(text) ? pathOfFileUri(text) : null);
  if (named !== null) return new Set([resolve(named)]);
  if (isAbsolute(text)) return new Set([resolve(text)]);
  return new Set([resolve(text), resolve(root, text), resolve(home.dir, text), resolve(home.storeDir, text)]);
}

/** A source or a manifest, by its absolute path below the project root. */
async function projectStories({ root, catalog }: Archive, path: string): Promise<Story[]> {
  if (!isInside(root, path)) return [];
  return await declaredStories(catalog, relative(root, path).replaceAll(sep, '/'));
}

async function declaredStories(catalog: CatalogReader, path: string): Promise<Story[]> {
  const manifests = await catalog
    .selectFrom('manifests')
    .select('manifest_id')
    .distinct()
    .where('path', '=', path)
    .execute();
  if (manifests.length > 0) {
    return await Promise.all(manifests.map(({ manifest_id }) => manifestStory(catalog, manifest_id)));
  }
  const sources = new Set(await sourcesReceivedFrom(catalog, path));
  // Sources that never arrived have no receipt; only the manifests' texts name them.
  if (sources.size === 0)
    for (const sourceId of await sourcesDeclaredAt(catalog, path)) sources.add(sourceId);
  const stories: Story[] = [];
  for (const sourceId of sources) stories.push(...(await sourceStories(catalog, sourceId)));
  return stories;
}

async function sourcesReceivedFrom(catalog: CatalogReader, path: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('receipts')
    .select('source_id')
    .distinct()
    .where('declared_path', '=', path)
    .execute();
  return rows.map((row) => row.source_id);
}

async function sourcesDeclaredAt(catalog: CatalogReader, path: string): Promise<string[]> {
  // Narrows what is parsed; whether an asset names the path is then looked at exactly.
  const pattern = `%${JSON.stringify(path).replaceAll(/[\\%_]/g, '\\$&')}%`;
  const rows = await catalog
    .selectFrom('manifests')
    .select('body')
    .where(sql<boolean>`body LIKE ${pattern} ESCAPE '\\'`)
    .execute();
  return rows.flatMap(({ body }) =>
    (JSON.parse(body) as SourceManifest).assets
      .filter((asset) => Object.values(asset).includes(path))
      .map((asset) => asset.source_id),
  );
}

/** A file below the home: its place says what it is. */
async function keptStories(archive: Archive, path: string): Promise<Story[]> {
  const { home, catalog } = archive;
  const parts = relative(isInside(home.storeDir, path) ? home.storeDir : home.dir, path).split(sep);
  const name = parts.at(-1) ?? '';
  const run = async (runId: string | undefined) => {
    const story = runId === undefined ? null : await runStory(catalog, runId);
    return story === null ? [] : [story];
  };
  switch (parts[0]) {
    case 'evidence': {
      if (parts.length !== 3) return await run(parts[1]);
      const story = await evidenceFileStory(archive, { runId: parts[1] ?? '', name });
      return story === null ? [] : [story];
    }
    case 'landing':
    case 'scratch':
      return await run(parts[1]);
    case 'raw':
    case 'quarantine':
      return /^[0-9a-f]{64}$/.test(name) ? [await contentStory(archive, name)] : [];
    case 'warehouse':
      if (parts[3] === 'metadata') return await metadataFileStories(catalog, name);
      return parts[3] === 'data' ? [await dataFileStory(archive, { table: parts[2] ?? '', path })] : [];
    default:
      return [];
  }
}

/** A metadata file, manifest list or manifest leads to the snapshot it was written for. */
async function metadataFileStories(catalog: CatalogReader, name: string): Promise<Story[]> {
  const listed = /^snap-(\d+)-/.exec(name)?.[1];
  if (listed !== undefined) return await snapshotStories(catalog, listed);
  const rows = await catalog
    .selectFrom('commits')
    .select(['snapshot_id', 'metadata_location'])
    .where('run_id', '=', RUN_ID.exec(name)?.[0] ?? '')
    .execute();
  const stem = name
    .replace(/-m\d+\.avro$/, '')
    .replace(/^\d+-/, '')
    .replace(/\.metadata\.json$/, '');
  const commit = rows.find(({ metadata_location: location }) => location.includes(stem));
  return commit === undefined ? [] : await snapshotStories(catalog, commit.snapshot_id);
}

export const RUN_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
