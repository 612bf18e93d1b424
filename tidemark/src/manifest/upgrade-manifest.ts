import { stringify } from 'yaml';
import { locationOf } from './as-declared.ts';
import { scanManifests } from './scan-manifests.ts';
import { MANIFEST_V2 } from './schema-findings.ts';
import type { ManifestReading, SourceManifest } from './source-manifest.ts';

export type ManifestUpgrade =
  | {
      readonly kind: 'upgraded';
      readonly path: string;
      readonly manifest: SourceManifest;
      readonly yaml: string;
    }
  | Extract<ManifestReading, { kind: 'refused' }>;

/**
 * The same declaration in the second form, as YAML. It means the same: what the first was committed under stays
 * committed. The file is not touched.
 */
export async function upgradeManifest(input: {
  readonly path: string;
  readonly bytesMax: number;
}): Promise<ManifestUpgrade> {
  const { path, bytesMax } = input;
  const limits = { declarationBytesMax: bytesMax };
  const [reading] = await scanManifests({ manifestDirs: [], manifestPaths: [path], limits });
  if (reading?.kind !== 'declared') return reading as Extract<ManifestReading, { kind: 'refused' }>;
  const { manifest } = reading.declared;
  return { kind: 'upgraded', path, manifest, yaml: inSecondForm(manifest) };
}

export function inSecondForm({ assets, ...rest }: SourceManifest): string {
  const document = {
    ...rest,
    schema_version: MANIFEST_V2,
    assets: assets.map(({ source_id, source_url_or_path, ...asset }) => ({
      source_id,
      // A path in which a star is a star.
      source:
        locationOf(source_url_or_path) === source_url_or_path
          ? source_url_or_path
          : { path: source_url_or_path },
      ...asset,
    })),
  };
  // Nothing is folded: a value is on the line where an editor looks for it.
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
