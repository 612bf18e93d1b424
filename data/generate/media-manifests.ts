import { CALL_METADATA_PATH, CALL_METADATA_SOURCE } from './call-metadata.ts';
import { CALLS, CALLS_BATCH, callPaths } from './calls.ts';
import type { ManifestDraft, Measure } from './manifest-draft.ts';
import { screencastSeconds } from './screencast.ts';
import { VIDEOS, videoId, videoPaths } from './videos.ts';

export function callsManifest(measure: Measure): ManifestDraft {
  return {
    name: 'call_audio.json',
    manifest: {
      manifest_id: 'manifest-call-audio-20260320-001',
      schema_version: 'source_manifest_v1',
      batch_id: CALLS_BATCH,
      modality: 'audio',
      source_type: 'call_recording',
      product_line: 'cross_product',
      license_tag: 'course_synthetic',
      contract_ref: 'omni://contracts/data/audio_asset/v1',
      load_mode: 'full_snapshot',
      canonization_status: 'raw',
      gate_policy: { on_pii_gap: 'quarantine', on_missing_checksum: 'quarantine' },
      assets: [
        ...CALLS.map((call) => {
          const { audio, transcript } = callPaths(call.callId);
          return {
            source_id: call.callId,
            source_url_or_path: audio,
            asset_type: 'audio',
            ...measure(audio),
            transcript_object_path: transcript,
            duration_sec: call.seconds,
            language: call.language,
            metadata_status: 'complete',
            pii_scan_status: 'redacted',
            notes: call.notes,
          } as const;
        }),
        {
          source_id: CALL_METADATA_SOURCE,
          source_url_or_path: CALL_METADATA_PATH,
          asset_type: 'jsonl',
          ...measure(CALL_METADATA_PATH),
          metadata_status: 'complete',
          pii_scan_status: 'clear',
          notes:
            'Register of calls whose sound stays with the telephone provider: one record of the audio contract a line.',
        },
      ],
      ingest_config: { parser: 'whisper', pii_scan: true },
      notes:
        'Support calls of one week, with transcripts, and the register of the rest. The voices are synthesised hums: no person speaks.',
      created_at: '2026-03-20T18:00:00Z',
      owner: 'voice-team',
    },
  };
}

export function videosManifest(measure: Measure): ManifestDraft {
  return {
    name: 'tutorial_videos.json',
    manifest: {
      manifest_id: 'manifest-tutorial-videos-20260327-001',
      schema_version: 'source_manifest_v1',
      batch_id: 'batch-videos-2026w13',
      modality: 'video',
      source_type: 'tutorial_video',
      product_line: 'northstar_studio',
      license_tag: 'course_synthetic',
      contract_ref: 'omni://contracts/data/video_asset/v1',
      load_mode: 'full_snapshot',
      canonization_status: 'raw',
      assets: VIDEOS.map((video) => {
        const paths = videoPaths(video);
        return {
          source_id: videoId(video.slug),
          source_url_or_path: paths.video,
          asset_type: 'video',
          ...measure(paths.video),
          transcript_object_path: paths.transcript,
          keyframe_ocr_path: paths.keyframes,
          ...(video.audioTrack ? { audio_track_path: paths.audioTrack } : {}),
          duration_sec: screencastSeconds(video),
          language: 'en',
          metadata_status: 'complete',
          pii_scan_status: 'clear',
          notes: video.notes,
        };
      }),
      ingest_config: { parser: 'ffmpeg', pii_scan: true },
      notes: 'Lessons of the Studio course with transcripts and the text read from their keyframes.',
      created_at: '2026-03-27T16:00:00Z',
      owner: 'enablement',
    },
  };
}
