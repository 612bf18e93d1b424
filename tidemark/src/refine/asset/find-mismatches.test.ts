import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ManifestAsset } from '../../manifest/source-manifest.ts';
import { findMismatches } from './find-mismatches.ts';
import type { Mismatch } from './mismatch.ts';
import { NOTHING_OBSERVED, type Observation } from './observation.ts';

const SOUND: Observation = {
  ...NOTHING_OBSERVED,
  mediaType: 'audio/wav',
  durationSec: 200,
  hasAudio: true,
  hasVideo: false,
};

function find(
  asset: Partial<ManifestAsset>,
  seen: Partial<Observation>,
  sidecarMismatches: readonly Mismatch[] = [],
) {
  return findMismatches({
    asset: { source_id: 's', source_url_or_path: 'calls/a.wav', asset_type: 'audio', ...asset },
    observation: { ...SOUND, ...seen },
    sidecarMismatches,
  });
}

describe('comparing what is declared with what is observed', () => {
  it('finds nothing where they agree or where nothing was declared', () => {
    assert.deepEqual(find({}, {}), []);
    assert.deepEqual(find({ duration_sec: null }, {}), []);
    assert.deepEqual(find({ duration_sec: 999 }, { durationSec: null }), []);
    assert.deepEqual(find({ asset_type: 'pdf' }, { mediaType: 'application/pdf' }), []);
  });

  it('finds bytes of another type, and blames them for nothing else', () => {
    const seen = { mediaType: 'application/pdf', hasAudio: null, hasVideo: null };
    assert.deepEqual(find({ duration_sec: 5 }, seen), [
      {
        rule: 'type_mismatch',
        subject: 'calls/a.wav',
        expected: 'sound without a video track',
        received: 'application/pdf',
      },
    ]);
  });

  it('allows a declared duration half a second or one per cent', () => {
    const allowed = [
      [10, 10.5],
      [10, 9.5],
      [200, 198],
      [200, 202],
      [0, 0.5],
    ] as const;
    const refused = [
      [10, 10.501],
      [10, 9.499],
      [200, 197.99],
      [200, 202.01],
    ] as const;
    for (const [durationSec, duration_sec] of allowed)
      assert.deepEqual(find({ duration_sec }, { durationSec }), []);
    for (const [durationSec, duration_sec] of refused) {
      assert.equal(find({ duration_sec }, { durationSec })[0]?.rule, 'duration_mismatch');
    }
    assert.deepEqual(find({ duration_sec: 250 }, {}), [
      {
        rule: 'duration_mismatch',
        subject: 'calls/a.wav',
        expected: '250 s as declared (± 2 s)',
        received: '200 s',
      },
    ]);
  });

  it('finds media without a track', () => {
    const silent = { hasAudio: false, hasVideo: false, durationSec: null };
    assert.deepEqual(find({ duration_sec: 3 }, silent), [
      {
        rule: 'no_media_track',
        subject: 'calls/a.wav',
        expected: 'an audio track',
        received: 'audio/wav without any track',
      },
    ]);
    assert.equal(
      find({ asset_type: 'video' }, { ...silent, mediaType: 'video/mp4' })[0]?.expected,
      'a video track',
    );
    assert.deepEqual(find({ asset_type: 'other' }, silent), []);
    assert.deepEqual(
      find({}, { hasAudio: null, hasVideo: null }),
      [],
      'tracks that were not found out are not missing',
    );
  });

  it('refuses what is broken, and keeps what is merely noted', () => {
    const truncated = {
      rule: 'media_truncated',
      message: 'The file ends before the end that it states.',
    } as const;
    const found = find({}, { hasAudio: false, hasVideo: false, findings: [truncated] });
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ['media_truncated'],
    );
    const pdf = { mediaType: 'application/pdf', durationSec: null };
    const unreadable = find(
      { asset_type: 'pdf' },
      { ...pdf, findings: [{ rule: 'pdf_unreadable', message: 'm' }] },
    );
    assert.deepEqual(
      unreadable.map(({ rule }) => rule),
      ['document_unreadable'],
    );
    for (const rule of [
      'pdf_encrypted',
      'document_too_large',
      'pdf_not_examined',
      'image_size_unknown',
    ] as const) {
      assert.deepEqual(find({ asset_type: 'pdf' }, { ...pdf, findings: [{ rule, message: 'm' }] }), []);
    }
    for (const rule of ['media_last_frame_cut', 'media_not_examined', 'duration_not_stated'] as const) {
      assert.deepEqual(find({}, { findings: [{ rule, message: 'm' }] }), []);
    }
  });

  it('adds what is wrong with the sidecars', () => {
    const late: Mismatch = {
      rule: 'transcript_past_end',
      subject: 't.jsonl',
      expected: 'e',
      received: 'r',
      line: 3,
    };
    assert.deepEqual(
      find({ duration_sec: 1 }, {}, [late]).map(({ rule }) => rule),
      ['duration_mismatch', 'transcript_past_end'],
    );
    assert.deepEqual(
      find({}, { mediaType: 'text/html' }, [late]).map(({ rule }) => rule),
      ['type_mismatch', 'transcript_past_end'],
    );
  });
});
