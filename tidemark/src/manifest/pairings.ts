/**
 * What each contract admits. Asset types that `source_manifest_v1` does not know (`csv`, `mp4`, …) are listed too:
 * the form refuses them in v1, this table is the same for later versions.
 */
export interface Pairing {
  readonly modalities: readonly string[];
  readonly sourceTypes: readonly string[];
  readonly assetTypes: readonly string[];
}

export const PAIRINGS: ReadonlyMap<string, Pairing> = new Map([
  [
    'omni://contracts/data/doc_asset/v1',
    {
      modalities: ['document'],
      sourceTypes: ['help_center', 'faq', 'release_notes', 'api_doc', 'pdf_manual', 'community', 'other'],
      assetTypes: ['pdf', 'html', 'faq', 'release_notes', 'api_doc', 'community_post', 'image', 'other'],
    },
  ],
  [
    'omni://contracts/data/ticket/v1',
    {
      modalities: ['structured'],
      sourceTypes: ['ticket_export'],
      assetTypes: ['json', 'jsonl', 'csv', 'parquet'],
    },
  ],
  [
    'omni://contracts/data/audio_asset/v1',
    {
      modalities: ['audio'],
      sourceTypes: ['call_recording', 'tts_synthetic', 'other'],
      assetTypes: ['audio', 'wav', 'mp3', 'm4a', 'flac', 'jsonl', 'other'],
    },
  ],
  [
    'omni://contracts/data/video_asset/v1',
    {
      modalities: ['video'],
      sourceTypes: ['tutorial_video', 'screencast', 'other'],
      assetTypes: ['video', 'mp4', 'mov', 'mkv', 'jsonl', 'other'],
    },
  ],
]);

/** In a manifest of this modality no contract's modality is checked, and an asset may name a contract of its own. */
export const MIXED_MODALITY = 'multimodal';

/** Modality and source type that no contract brings together. */
export const FORBIDDEN_COMBINATIONS: readonly { readonly modality: string; readonly sourceType: string }[] = [
  { modality: 'document', sourceType: 'call_recording' },
  { modality: 'audio', sourceType: 'pdf_manual' },
  { modality: 'audio', sourceType: 'help_center' },
  { modality: 'video', sourceType: 'ticket_export' },
];
