import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { mediaFactsOf, observeMedia } from './observe-media.ts';

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

describe('a long recording', () => {
  it('is looked into by its beginning, and says what it says when it is read whole', async () => {
    const [sampleRate, channels, seconds] = [48_000, 2, 60];
    const dataBytes = sampleRate * channels * 2 * seconds;
    const header = Buffer.alloc(44);
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(36 + dataBytes, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20);
    header.writeUInt16LE(channels, 22);
    header.writeUInt32LE(sampleRate, 24);
    header.writeUInt32LE(sampleRate * channels * 2, 28);
    header.writeUInt16LE(channels * 2, 32);
    header.writeUInt16LE(16, 34);
    header.write('data', 36, 'latin1');
    header.writeUInt32LE(dataBytes, 40);
    const bytes = Buffer.concat([header, randomBytes(dataBytes)]);
    let readBytes = 0;
    const facts = await observeMedia({
      sizeBytes: bytes.length,
      read: async (offset, length) => {
        const piece = bytes.subarray(offset, offset + length);
        readBytes += piece.length;
        return piece;
      },
    });
    assert.deepEqual(facts, {
      durationSec: seconds,
      sampleRateHz: sampleRate,
      channels,
      resolution: null,
      codec: 'PCM',
      hasVideo: false,
      hasAudio: true,
      hasText: false,
      findings: [],
    });
    assert.ok(readBytes < 2 * 1024 * 1024, `${readBytes} of ${bytes.length} bytes were read`);
  });
});
