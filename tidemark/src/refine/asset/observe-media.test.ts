import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaFactsOf } from './observe-media.ts';

interface Stated {
  readonly format: string;
  readonly wholeSec?: number;
  readonly trackSec?: number;
  readonly isTruncated?: boolean;
}

function factsOf({ format, wholeSec, trackSec, isTruncated = true }: Stated) {
  const general = {
    '@type': 'General',
    Format: format,
    ...(wholeSec === undefined ? {} : { Duration: wholeSec }),
    ...(isTruncated ? { extra: { IsTruncated: 'Yes' } } : {}),
  } as const;
  const audio = { '@type': 'Audio', ...(trackSec === undefined ? {} : { Duration: trackSec }) } as const;
  return mediaFactsOf({ media: { '@ref': '', track: [general, audio] } });
}

function rulesOf(stated: Stated): string[] {
  return factsOf(stated).findings.map(({ rule }) => rule);
}

describe('reading what MediaInfo says', () => {
  it('forgives a stream of frames that ends within one', () => {
    assert.deepEqual(rulesOf({ format: 'MPEG-TS', wholeSec: 7.4, trackSec: 7.2 }), ['media_last_frame_cut']);
    assert.deepEqual(rulesOf({ format: 'MPEG Audio', wholeSec: 60.3, trackSec: 60 }), [
      'media_last_frame_cut',
    ]);
  });

  it('takes it for truncated when its frames do not fill the length it states', () => {
    assert.deepEqual(rulesOf({ format: 'MPEG Audio', wholeSec: 7.34, trackSec: 4.44 }), ['media_truncated']);
    assert.deepEqual(rulesOf({ format: 'MPEG-4', wholeSec: 7.3, trackSec: 7.3 }), ['media_truncated']);
  });

  it('takes the longest track where the whole has no length', () => {
    assert.equal(factsOf({ format: 'Wave', trackSec: 2, isTruncated: false }).durationSec, 2);
  });

  it('believes no length that no recording has', () => {
    for (const wholeSec of [1.1e15, -1, Number.NaN]) {
      const facts = factsOf({ format: 'Wave', wholeSec, isTruncated: false });
      assert.equal(facts.durationSec, null);
      assert.deepEqual(
        facts.findings.map(({ rule }) => rule),
        ['duration_not_stated'],
      );
    }
  });

  it('rounds to milliseconds', () => {
    assert.equal(
      factsOf({ format: 'MPEG-TS', wholeSec: 7.431784841, isTruncated: false }).durationSec,
      7.432,
    );
  });
});
