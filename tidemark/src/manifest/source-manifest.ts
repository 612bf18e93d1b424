import type { DeclaredFormat } from '../model/declared-format.ts';
import type { WrittenSettings } from '../model/manifest-settings.ts';

/**
 * A manifest as it is worked with, which is the shape of `source_manifest_v1`: the types say it, the schemas beside this
 * file judge what is declared. A v2 one has been brought into it.
 */
export type LoadMode = 'full_snapshot' | 'incremental_cursor' | 'cdc' | 'replay' | 'backfill';
export type Modality = 'document' | 'image' | 'audio' | 'video' | 'structured' | 'multimodal';
export type Judgement = 'accept' | 'warn' | 'quarantine' | 'reject';
export type MetadataStatus = 'complete' | 'partial' | 'missing' | 'unknown';
export type PiiScanStatus = 'clear' | 'redacted' | 'suspected' | 'not_run' | 'not_applicable' | 'unknown';
export type AssetType =
  | 'jsonl'
  // v2 only, as is `format`.
  | 'json'
  | 'csv'
  | 'tsv'
  | 'parquet'
  | 'pdf'
  | 'html'
  | 'faq'
  | 'release_notes'
  | 'api_doc'
  | 'community_post'
  | 'image'
  | 'audio'
  | 'video'
  | 'other';

export interface SelectionWindow {
  readonly start_at?: string | null;
  readonly end_at?: string | null;
  readonly cursor_field?: string | null;
  readonly cursor_start?: string | null;
  readonly cursor_end?: string | null;
  readonly watermark_field?: string | null;
  readonly replay_from_batch?: string | null;
  readonly backfill_reason?: string | null;
}

export interface GatePolicy {
  readonly on_missing_checksum?: Judgement;
  readonly on_partial_metadata?: Judgement;
  readonly on_missing_metadata?: Judgement;
  readonly on_pii_gap?: Judgement;
  readonly on_contract_mismatch?: Judgement;
  readonly on_unknown_license?: Judgement;
}

export interface ManifestAsset {
  readonly source_id: string;
  readonly source_url_or_path: string;
  readonly asset_type: AssetType;
  readonly format?: DeclaredFormat;
  readonly contract_ref?: string | null;
  readonly size_bytes?: number | null;
  readonly checksum_sha256?: string | null;
  readonly transcript_object_path?: string | null;
  readonly ocr_text_path?: string | null;
  readonly keyframe_ocr_path?: string | null;
  readonly audio_track_path?: string | null;
  readonly duration_sec?: number | null;
  readonly language?: string | null;
  readonly metadata_status?: MetadataStatus | null;
  readonly pii_scan_status?: PiiScanStatus | null;
  readonly notes?: string;
}

export interface SourceManifest extends WrittenSettings {
  readonly manifest_id: string;
  readonly schema_version: 'source_manifest_v1' | 'source_manifest_v2';
  readonly batch_id: string;
  readonly modality: Modality;
  readonly source_type: string;
  readonly product_line?: string;
  readonly license_tag: string;
  readonly contract_ref: string;
  readonly load_mode: LoadMode;
  readonly canonization_status?: string;
  readonly selection_window?: SelectionWindow;
  readonly gate_policy?: GatePolicy;
  readonly assets: readonly ManifestAsset[];
  readonly ingest_config?: {
    readonly parser?: string;
    readonly chunk_size?: number;
    readonly chunk_overlap?: number;
    readonly pii_scan?: boolean;
  };
  readonly notes?: string;
  readonly created_at: string;
  readonly owner: string;
}

/** One thing wrong with a declaration. Problems are data: all of them are reported at once. */
export interface Problem {
  readonly file: string;
  /** RFC 6901; empty for the document itself. */
  readonly pointer: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units as editors count. */
  readonly column: number;
  /** Stable rule name, such as `unknown_field`, `license_canonized`, `pairing_asset_type`. */
  readonly rule: string;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  /** A near miss, such as `batch_id` for `bacth_id`. */
  readonly suggestion?: string;
}

/** A manifest that may be used, with the hash of its exact bytes. */
export interface DeclaredManifest {
  readonly path: string;
  /** SHA-256 of the file's exact bytes, 64 lower hex. */
  readonly contentHash: string;
  readonly manifest: SourceManifest;
}

/** Reading a manifest file never throws for what is in the file. */
export type ManifestReading =
  | { readonly kind: 'declared'; readonly declared: DeclaredManifest }
  | { readonly kind: 'refused'; readonly path: string; readonly problems: readonly Problem[] };
