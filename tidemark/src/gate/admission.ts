import type { Judgement, ManifestAsset } from '../manifest/source-manifest.ts';

export interface AdmissionReason {
  /** Stable name: `missing_checksum`, `partial_metadata`, `missing_metadata`, `unknown_license`, `pii_gap`, `pii_suspected`, `contract_mismatch`. */
  readonly rule: string;
  readonly judgement: Judgement;
  readonly message: string;
}

/** The gate's decision on one asset: the worst applicable judgement wins, every reason is kept. */
export interface Admission {
  readonly asset: ManifestAsset;
  /** The asset's own, or the manifest's. */
  readonly contractRef: string;
  readonly judgement: Judgement;
  readonly reasons: readonly AdmissionReason[];
}
