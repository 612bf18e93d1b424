import type { CatalogReader } from '../catalog/catalog.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { type ManifestSettings, settingsOf } from '../model/manifest-settings.ts';

export interface SettingsWorld {
  readonly catalog: CatalogReader;
  /** What the project says of manifests. */
  readonly manifestSettings: Readonly<Record<string, Partial<ManifestSettings>>>;
}

/** Manifests asked for at once: a bound of what a statement may hold. */
const ASKED_MAX = 500;

/** What holds for manifests by the latest declaration that a run was of, without reading a file. */
export async function recordedSettings(
  { catalog, manifestSettings }: SettingsWorld,
  manifestIds: readonly string[],
): Promise<ReadonlyMap<string, ManifestSettings>> {
  const found = new Map(manifestIds.map((id) => [id, settingsOf(manifestSettings, { manifest_id: id })]));
  for (let from = 0; from < manifestIds.length; from += ASKED_MAX) {
    const rows = await catalog
      .selectFrom('manifests')
      .select(['manifest_id', 'body'])
      .where('manifest_id', 'in', manifestIds.slice(from, from + ASKED_MAX))
      .orderBy('first_seen_at')
      .execute();
    for (const { manifest_id: id, body } of rows)
      found.set(
        id,
        settingsOf(manifestSettings, { ...(JSON.parse(body) as SourceManifest), manifest_id: id }),
      );
  }
  return found;
}
