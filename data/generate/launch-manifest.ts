import { LAMPS_DIAGRAM } from './images.ts';
import { LAUNCH_VIDEO, launchDocumentId, RELEASE_NOTES_PATH, VOICE_NOTE } from './launch.ts';
import type { ManifestDraft, Measure } from './manifest-draft.ts';
import { screencastSeconds } from './screencast.ts';
import { videoPaths } from './videos.ts';

const DOCUMENT = 'omni://contracts/data/doc_asset/v1';
const AUDIO = 'omni://contracts/data/audio_asset/v1';
const VIDEO = 'omni://contracts/data/video_asset/v1';

/** Source type `other` is the only one that the contracts for documents, audio and video all admit. */
export function launchManifest(measure: Measure): ManifestDraft {
  const video = videoPaths(LAUNCH_VIDEO);
  const complete = { language: 'en', metadata_status: 'complete', pii_scan_status: 'clear' } as const;
  return {
    name: 'launch_multimodal.json',
    manifest: {
      manifest_id: 'manifest-edge-gateway-launch-20260216-001',
      schema_version: 'source_manifest_v1',
      batch_id: 'batch-launch-edge-gateway-3.2',
      modality: 'multimodal',
      source_type: 'other',
      product_line: 'northstar_edge_gateway',
      license_tag: 'course_synthetic',
      contract_ref: DOCUMENT,
      load_mode: 'full_snapshot',
      canonization_status: 'raw',
      assets: [
        {
          source_id: launchDocumentId('release-notes'),
          source_url_or_path: RELEASE_NOTES_PATH,
          asset_type: 'release_notes',
          contract_ref: DOCUMENT,
          ...measure(RELEASE_NOTES_PATH),
          ...complete,
          notes: 'Release notes as Markdown.',
        },
        {
          source_id: launchDocumentId('lamps'),
          source_url_or_path: LAMPS_DIAGRAM.imagePath,
          asset_type: 'image',
          ...measure(LAMPS_DIAGRAM.imagePath),
          ocr_text_path: LAMPS_DIAGRAM.ocrPath,
          ...complete,
          notes: 'Names no contract of its own: the one of the manifest holds.',
        },
        {
          source_id: 'launch-remark',
          source_url_or_path: VOICE_NOTE.audio,
          asset_type: 'audio',
          contract_ref: AUDIO,
          ...measure(VOICE_NOTE.audio),
          transcript_object_path: VOICE_NOTE.transcript,
          duration_sec: VOICE_NOTE.seconds,
          ...complete,
          notes: 'A remark recorded on a telephone. It has no call number, so one is derived.',
        },
        {
          source_id: 'launch-line-test',
          source_url_or_path: video.video,
          asset_type: 'video',
          contract_ref: VIDEO,
          ...measure(video.video),
          transcript_object_path: video.transcript,
          keyframe_ocr_path: video.keyframes,
          duration_sec: screencastSeconds(LAUNCH_VIDEO),
          ...complete,
          notes: LAUNCH_VIDEO.notes,
        },
      ],
      ingest_config: { parser: 'media', pii_scan: true },
      notes:
        'Everything made for one launch, of three kinds, in one batch: each asset names the contract it is under.',
      created_at: '2026-02-16T12:00:00Z',
      owner: 'product-marketing',
    },
  };
}
