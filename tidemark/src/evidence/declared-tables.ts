import type { CatalogReader } from '../catalog/catalog.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';

/** Sources that a manifest declares and tables that it writes to, as one version of it said. */
export async function declarationOf(
  catalog: CatalogReader,
  { manifestId, contentHash }: { manifestId: string; contentHash: string },
): Promise<{ readonly sources: readonly string[]; readonly contracts: readonly string[] }> {
  const row = await catalog
    .selectFrom('manifests')
    .select('body')
    .where('manifest_id', '=', manifestId)
    .where('content_hash', '=', contentHash)
    .executeTakeFirst();
  const manifest = JSON.parse(row?.body ?? '{}') as Partial<SourceManifest>;
  const assets = manifest.assets ?? [];
  const contracts = assets.flatMap((asset) => asset.contract_ref ?? manifest.contract_ref ?? []);
  return { sources: assets.map(({ source_id }) => source_id), contracts: [...new Set(contracts)] };
}

export async function declaredTables(
  catalog: CatalogReader,
  {
    contractOf,
    ...version
  }: {
    manifestId: string;
    contentHash: string;
    contractOf: (ref: string) => { readonly table: string } | null;
  },
): Promise<string[]> {
  const { contracts } = await declarationOf(catalog, version);
  return [...new Set(contracts.flatMap((ref) => contractOf(ref)?.table ?? []))];
}
