import type { ManifestEntry } from './manifest-file.ts';
import type { ManifestFile } from './manifest-list.ts';
import { entriesOf, type TableView } from './read-table.ts';

/** When a commit merges manifests, as Iceberg's `commit.manifest.min-count-to-merge` and `target-size-bytes` say. */
export interface MergeThreshold {
  /** Small manifests of one partition spec before they become one. */
  readonly manifestsMin: number;
  /** A manifest of that size is small no longer: it is carried forward as it is. */
  readonly manifestBytesTarget: number;
}

export interface ManifestMerge {
  /** Manifests that stay as they are. */
  readonly carried: readonly ManifestFile[];
  /** One manifest each: live entries of those it stands for. */
  readonly merged: readonly { readonly specId: number; readonly live: readonly ManifestEntry[] }[];
}

/**
 * Finds the small manifests to merge and reads their entries; writes nothing. Without it a table has a manifest for each
 * commit it ever had, and every commit and every reader opens all of them. Entries that were deleted before are dropped.
 */
export async function planMerge(
  view: TableView,
  { manifests, threshold }: { manifests: readonly ManifestFile[]; threshold: MergeThreshold },
): Promise<ManifestMerge> {
  const isSmall = ({ content, lengthBytes, keyMetadata }: ManifestFile) =>
    content === 'data' && keyMetadata === null && lengthBytes < threshold.manifestBytesTarget;
  const bySpec = Map.groupBy(manifests.filter(isSmall), ({ specId }) => specId);
  const bins = [...bySpec.values()]
    .filter((small) => small.length >= threshold.manifestsMin)
    .flatMap((small) => binned(small, threshold.manifestBytesTarget))
    .filter((bin) => bin.length > 1);
  const taken = new Set(bins.flat());
  const merged: ManifestMerge['merged'][number][] = [];
  for (const bin of bins) {
    const live: ManifestEntry[] = [];
    for (const manifest of bin) {
      for (const entry of await entriesOf(view, manifest)) if (entry.status !== 'deleted') live.push(entry);
    }
    merged.push({ specId: bin[0]?.specId ?? 0, live });
  }
  return { carried: manifests.filter((manifest) => !taken.has(manifest)), merged };
}

/** In the order of the list, so that files of one time stay together. */
function binned(manifests: readonly ManifestFile[], bytesTarget: number): ManifestFile[][] {
  const bins: ManifestFile[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const manifest of manifests) {
    if (bytes + manifest.lengthBytes > bytesTarget) {
      bins.push([]);
      bytes = 0;
    }
    bins.at(-1)?.push(manifest);
    bytes += manifest.lengthBytes;
  }
  return bins;
}
