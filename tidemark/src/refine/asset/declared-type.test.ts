import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AssetType } from '../../manifest/source-manifest.ts';
import { agreementOf } from './declared-type.ts';

const SAMPLES = {
  ndjson: { mediaType: 'application/x-ndjson', hasAudio: null, hasVideo: null },
  json: { mediaType: 'application/json', hasAudio: null, hasVideo: null },
  text: { mediaType: 'text/plain', hasAudio: null, hasVideo: null },
  markdown: { mediaType: 'text/markdown', hasAudio: null, hasVideo: null },
  html: { mediaType: 'text/html', hasAudio: null, hasVideo: null },
  pdf: { mediaType: 'application/pdf', hasAudio: null, hasVideo: null },
  png: { mediaType: 'image/png', hasAudio: null, hasVideo: null },
  wav: { mediaType: 'audio/wav', hasAudio: true, hasVideo: false },
  soundMp4: { mediaType: 'video/mp4', hasAudio: true, hasVideo: false },
  film: { mediaType: 'video/mp4', hasAudio: true, hasVideo: true },
  silentFilm: { mediaType: 'video/mp4', hasAudio: false, hasVideo: true },
  emptyMp4: { mediaType: 'video/mp4', hasAudio: false, hasVideo: false },
  unmarkedSound: { mediaType: 'application/octet-stream', hasAudio: true, hasVideo: false },
  random: { mediaType: 'application/octet-stream', hasAudio: false, hasVideo: false },
  zip: { mediaType: 'application/zip', hasAudio: null, hasVideo: null },
  empty: { mediaType: 'application/x-empty', hasAudio: null, hasVideo: null },
} as const;
type Sample = keyof typeof SAMPLES;

const WRITTEN: readonly Sample[] = ['ndjson', 'json', 'text', 'markdown', 'html', 'pdf'];
const RECORDS: readonly Sample[] = ['ndjson', 'json', 'text', 'markdown', 'empty'];
const AGREEING: Readonly<Record<AssetType, readonly Sample[]>> = {
  jsonl: RECORDS,
  json: RECORDS,
  csv: RECORDS,
  tsv: RECORDS,
  parquet: [],
  pdf: ['pdf'],
  html: ['html'],
  faq: WRITTEN,
  release_notes: WRITTEN,
  api_doc: WRITTEN,
  community_post: WRITTEN,
  image: ['png'],
  audio: ['wav', 'soundMp4', 'emptyMp4', 'unmarkedSound'],
  video: ['film', 'silentFilm', 'emptyMp4'],
  other: Object.keys(SAMPLES) as Sample[],
};

describe('a declared type against the type of the bytes', () => {
  for (const [assetType, agreeing] of Object.entries(AGREEING) as [AssetType, readonly Sample[]][]) {
    it(`an asset declared ${assetType} agrees with ${agreeing.length} of ${Object.keys(SAMPLES).length} kinds of bytes`, () => {
      const found = Object.entries(SAMPLES)
        .filter(([, seen]) => agreementOf(assetType, seen).kind === 'agrees')
        .map(([name]) => name);
      assert.deepEqual(found.sort(), [...agreeing].sort());
    });
  }

  it('says what was expected and what was found', () => {
    assert.deepEqual(agreementOf('audio', SAMPLES.film), {
      kind: 'contradicts',
      expected: 'sound without a video track',
      received: 'video/mp4 with a video track',
    });
    assert.deepEqual(agreementOf('video', SAMPLES.wav), {
      kind: 'contradicts',
      expected: 'media with a video track',
      received: 'audio/wav with sound only',
    });
    assert.deepEqual(agreementOf('pdf', SAMPLES.empty), {
      kind: 'contradicts',
      expected: 'application/pdf',
      received: 'an empty file',
    });
  });
});
