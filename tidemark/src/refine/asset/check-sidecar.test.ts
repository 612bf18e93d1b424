import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { sampleSoundInMp4, sampleVideo, sampleWave } from '../../testing/sample-assets.ts';
import { type TempFolder, tempFolder } from '../../testing/temp-folder.ts';
import { checkSidecar } from './check-sidecar.ts';
import { judgeSegment } from './check-transcript.ts';
import type { SidecarRole } from './sidecar.ts';

let folder: TempFolder;
before(async () => {
  folder = await tempFolder();
});
after(() => folder[Symbol.asyncDispose]());

interface Sidecar {
  readonly role: SidecarRole;
  readonly content: string | Uint8Array;
  readonly mediaType?: string;
  readonly name?: string;
  readonly mediaDurationSec?: number | null;
}

async function check({
  role,
  content,
  mediaType = 'text/plain',
  name = 'side.txt',
  mediaDurationSec = 10,
}: Sidecar) {
  const path = await folder.write('sidecar', content);
  const sizeBytes = Buffer.byteLength(content);
  return await checkSidecar({
    sidecar: { role, path, sizeBytes, sha256: '0'.repeat(64), declaredPath: name, mediaType },
    mediaDurationSec,
    limits: { ...DEFAULT_LIMITS, sidecarBytesMax: 200_000, lineBytesMax: 10_000, chunkBytes: 1000 },
    signal: new AbortController().signal,
  });
}

const rules = (found: Awaited<ReturnType<typeof check>>) => found.map(({ rule, line }) => `${rule}:${line}`);
const lines = (...segments: readonly object[]) =>
  segments.map((segment) => JSON.stringify(segment)).join('\n');

describe('a transcript beside its media', () => {
  it('passes when every segment has text and lies within the media', async () => {
    const content = lines(
      { start_sec: 0, end_sec: 4.2, speaker: 'agent', text: 'Hello' },
      { start: 4.2, end: 10.4, text: '' },
    );
    assert.deepEqual(await check({ role: 'transcript', content: `\uFEFF${content}\r\n\n` }), []);
    assert.deepEqual(await check({ role: 'transcript', content: '' }), []);
  });

  it('is a mismatch when its times run past the end', async () => {
    const content = lines({ start: 0, end: 10.5, text: 'a' }, { start: 9, end: 10.51, text: 'b' });
    assert.deepEqual(await check({ role: 'transcript', content }), [
      {
        rule: 'transcript_past_end',
        subject: 'side.txt',
        expected: 'times within 10 s of media (+ 0.5 s)',
        received: '10.51 s',
        line: 2,
      },
    ]);
    assert.deepEqual(await check({ role: 'transcript', content, mediaDurationSec: null }), []);
  });

  it('is a mismatch when it is not JSON lines, with the line and what is wrong with it', async () => {
    const content = Buffer.concat([
      Buffer.from('WEBVTT\n\n00:00.000 --> 00:04.000\n[]\n{"text":"caf'),
      Buffer.from([0xe9]),
      Buffer.from(`"}\n{"text":"${'x'.repeat(10_000)}"}`),
    ]);
    const found = await check({ role: 'transcript', content });
    assert.deepEqual(
      rules(found),
      [1, 3, 4, 5, 6].map((line) => `transcript_not_jsonl:${line}`),
    );
    assert.deepEqual(found[2], {
      rule: 'transcript_not_jsonl',
      subject: 'side.txt',
      expected: 'one JSON object a line (JSONL)',
      received: 'not_an_object: array',
      line: 4,
    });
  });

  it('judges each segment by its times and text', () => {
    const verdicts = [
      [{ start: 1, end: 2, text: 'a' }, []],
      [{ start: 2, end: 2, text: 'a' }, []],
      [{ start: 2, end: 1, text: 'a' }, ['transcript_times']],
      [{ start: -1, end: 1, text: 'a' }, ['transcript_times']],
      [{ start: '1', end: 2, text: 'a' }, ['transcript_times']],
      [{ text: 'a' }, ['transcript_times']],
      [{ start: 1, end: 2 }, ['transcript_without_text']],
      [{ start: 11, end: 12, text: 7 }, ['transcript_without_text', 'transcript_past_end']],
      [{ start: 12, end: 1, text: 'a' }, ['transcript_times', 'transcript_past_end']],
      [{}, ['transcript_without_text', 'transcript_times']],
    ] as const;
    for (const [segment, expected] of verdicts) {
      const found = judgeSegment(segment, 10).map(({ rule }) => rule);
      assert.deepEqual(found, expected, JSON.stringify(segment));
    }
  });

  it('tells the first mismatches in full and the number of the others', async () => {
    const content = Array.from({ length: 100 }, () => 'no JSON').join('\n');
    const found = await check({ role: 'transcript', content });
    assert.equal(found.length, DEFAULT_LIMITS.violationsPerRecordMax + 1);
    assert.deepEqual(found.at(-1), {
      rule: 'more_mismatches',
      subject: 'side.txt',
      expected: 'none',
      received: '68 more',
    });
  });

  it('is not read when it is larger than the limit', async () => {
    assert.deepEqual(await check({ role: 'transcript', content: 'x'.repeat(200_001) }), [
      {
        rule: 'sidecar_too_large',
        subject: 'side.txt',
        expected: 'at most 200000 bytes',
        received: '200001 bytes',
      },
    ]);
  });
});

describe('recognised text beside its asset', () => {
  it('passes when it is UTF-8, whatever it says', async () => {
    const content = 'ÄÖ€😀\n'.repeat(500);
    assert.deepEqual(await check({ role: 'ocr_text', content }), []);
    assert.deepEqual(await check({ role: 'keyframe_ocr', content: '' }), []);
  });

  it('is a mismatch at the first line that is no text', async () => {
    const good = 'ÄÖ€😀\n'.repeat(500);
    const bad = [
      [
        Buffer.concat([Buffer.from(good), Buffer.from('caf\xe9 x', 'latin1')]),
        'bytes that are not UTF-8',
        501,
      ],
      [
        Buffer.concat([Buffer.from('Ä\n�\n€ '), Buffer.from([0x9f, 0x0a]), Buffer.from(good)]),
        'bytes that are not UTF-8',
        3,
      ],
      [`${good}a\0b`, 'a NUL byte', 501],
      [Buffer.from(`${good}€`).subarray(0, -1), 'a character cut off at the end of the file', 501],
    ] as const;
    for (const [content, received, line] of bad) {
      assert.deepEqual(await check({ role: 'ocr_text', content }), [
        { rule: 'ocr_not_text', subject: 'side.txt', expected: 'UTF-8 text', received, line },
      ]);
    }
  });

  it('is JSON lines where it is named so', async () => {
    const content = '{"at_sec":1,"text":"FILE"}\nFILE > EXPORT\n';
    assert.deepEqual(await check({ role: 'keyframe_ocr', content, name: 'frames.txt' }), []);
    const found = await check({ role: 'keyframe_ocr', content, name: 'frames.JSONL' });
    assert.deepEqual(rules(found), ['ocr_not_jsonl:2']);
  });
});

describe('an audio track beside its video', () => {
  const track = (content: Uint8Array, mediaType: string, mediaDurationSec: number | null) =>
    check({ role: 'audio_track', content, mediaType, name: 'track', mediaDurationSec });

  it('passes when it is sound as long as the video', async () => {
    assert.deepEqual(await track(sampleWave({ seconds: 3 }), 'audio/wav', 3.4), []);
    assert.deepEqual(await track(sampleSoundInMp4({ seconds: 3 }), 'video/mp4', 3), []);
    assert.deepEqual(await track(sampleWave({ seconds: 3 }), 'audio/wav', null), []);
  });

  it('is a mismatch when it is longer or shorter', async () => {
    assert.deepEqual(await track(sampleWave({ seconds: 3 }), 'audio/wav', 3.6), [
      {
        rule: 'audio_track_duration',
        subject: 'track',
        expected: '3.6 s as the video (± 0.5 s)',
        received: '3 s',
      },
    ]);
  });

  it('is a mismatch when it has pictures or is no sound', async () => {
    const video = await sampleVideo({ seconds: 1 });
    for (const [content, mediaType, received] of [
      [video, 'video/mp4', 'video/mp4 with a video track'],
      [Buffer.from('no sound'), 'text/plain', 'text/plain'],
      [Buffer.alloc(0), 'application/x-empty', 'an empty file'],
    ] as const) {
      assert.deepEqual(await track(content, mediaType, 1), [
        { rule: 'audio_track_type', subject: 'track', expected: 'sound without a video track', received },
      ]);
    }
    assert.deepEqual(await track(Buffer.from('RIFF\0\0\0\0WAVE'), 'audio/wav', 1), [
      {
        rule: 'audio_track_type',
        subject: 'track',
        expected: 'an audio track',
        received: 'audio/wav without one',
      },
    ]);
  });
});
