import type { AssetResult } from '../evidence/asset-result.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { LandedSource } from './landed-source.ts';

/** An asset's result with everything the declaration says filled in. */
export function resultOf(
  declared: DeclaredAsset,
  found: Pick<AssetResult, 'outcome'> & Partial<AssetResult> & { bytes?: LandedSource | null },
): AssetResult {
  const { bytes, ...rest } = found;
  return {
    sourceId: declared.file.sourceId,
    declaredPath: declared.file.declaredPath,
    assetType: declared.admission.asset.asset_type,
    contractRef: declared.admission.contractRef,
    table: declared.contract?.traits.table ?? null,
    judgement: declared.admission.judgement,
    reasons: declared.admission.reasons,
    findings: [],
    sourceFingerprint: bytes?.sha256 ?? null,
    sizeBytes: bytes?.sizeBytes ?? null,
    mediaType: bytes?.mediaType ?? null,
    unitKey: null,
    records: null,
    committedBy: null,
    reused: bytes !== null && bytes !== undefined && bytes.copy === null ? 'raw_object' : null,
    note: null,
    next: null,
    ...rest,
  };
}
