import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AssetType, PiiScanStatus } from '../../manifest/source-manifest.ts';
import { isRecordAsset } from './asset-kind.ts';
import { audioTypeOf, piiLevelOf, QUALITY_GATE, videoTypeOf } from './row-mappings.ts';

// Every table is total: the compiler finds a missing case.
const PII: Readonly<Record<PiiScanStatus, string>> = {
  clear: 'none',
  not_applicable: 'none',
  redacted: 'low',
  suspected: 'high',
  not_run: 'high',
  unknown: 'high',
};

type SourceType =
  | 'help_center'
  | 'faq'
  | 'release_notes'
  | 'api_doc'
  | 'pdf_manual'
  | 'community'
  | 'ticket_export'
  | 'call_recording'
  | 'tts_synthetic'
  | 'tutorial_video'
  | 'screencast'
  | 'other';
const AUDIO_AND_VIDEO: Readonly<Record<SourceType, readonly [audio: string, video: string]>> = {
  help_center: ['other', 'other'],
  faq: ['other', 'other'],
  release_notes: ['other', 'other'],
  api_doc: ['other', 'other'],
  pdf_manual: ['other', 'other'],
  community: ['other', 'other'],
  ticket_export: ['other', 'other'],
  call_recording: ['real_call', 'other'],
  tts_synthetic: ['tts_synthetic', 'other'],
  tutorial_video: ['other', 'tutorial'],
  screencast: ['other', 'screencast'],
  other: ['other', 'other'],
};

const RECORDS: Readonly<Record<AssetType, boolean>> = {
  jsonl: true,
  json: true,
  csv: true,
  tsv: true,
  parquet: true,
  pdf: false,
  html: false,
  faq: false,
  release_notes: false,
  api_doc: false,
  community_post: false,
  image: false,
  audio: false,
  video: false,
  other: false,
};

describe('what a declaration becomes in an asset row', () => {
  it('takes personal data to be there unless a scan says otherwise', () => {
    for (const [scan, level] of Object.entries(PII))
      assert.equal(piiLevelOf(scan as PiiScanStatus), level, scan);
    assert.equal(piiLevelOf(null), 'high');
    assert.equal(piiLevelOf(undefined), 'high');
  });

  it('tells the kind of sound and of video from the source type', () => {
    for (const [sourceType, [audio, video]] of Object.entries(AUDIO_AND_VIDEO)) {
      assert.deepEqual([audioTypeOf(sourceType), videoTypeOf(sourceType)], [audio, video], sourceType);
    }
  });

  it('passes what was accepted and warns of what was warned of', () => {
    assert.deepEqual(QUALITY_GATE, { accept: 'pass', warn: 'warn' });
  });

  it('takes tickets and every JSON lines asset for records, all else for one row', () => {
    for (const [type, records] of Object.entries(RECORDS)) {
      const assetType = type as AssetType;
      assert.equal(isRecordAsset({ contractTable: 'ticket', assetType }), true);
      for (const contractTable of ['doc_asset', 'audio_asset', 'video_asset']) {
        assert.equal(isRecordAsset({ contractTable, assetType }), records, `${contractTable} ${type}`);
      }
    }
  });
});
