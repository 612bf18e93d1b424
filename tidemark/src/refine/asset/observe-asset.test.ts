import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { open, truncate } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { InvariantError, TransientError } from '../../errors/tidemark-error.ts';
import { sniffMediaType } from '../../landing/sniff.ts';
import type { AssetType } from '../../manifest/source-manifest.ts';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import {
  samplePdf,
  samplePdfThatInflates,
  samplePdfWithPassword,
  samplePng,
  sampleSoundInMp4,
  sampleVideo,
  sampleWave,
} from '../../testing/sample-assets.ts';
import { type TempFolder, tempFolder } from '../../testing/temp-folder.ts';
import { NOTHING_OBSERVED, type Observation } from './observation.ts';
import { observeAsset } from './observe-asset.ts';

const MIB = 1024 * 1024;
/** 570 bytes of broken Matroska on which mediainfo.js 0.3.8 never ends. */
const ENDLESS_MATROSKA =
  'k3K9v3ixU1sjAwEgEdyQzshAGASvbhGDsXf3BK+Gsfl2+4K4LQx0BlrXNzaD6IZen0SYmKGBQbgjEh8ElkyoK8FpiFjIumzfI/tb9OOT0aWUF21eQqkbF61j/EKK+nWQiOA1ut7IhEtNW4djfJh/kJNncHMj08OJ89Hlkxf5fGaSi2Usyy9KyizGbgYjc1k+blcAAA==';

let folder: TempFolder;
before(async () => {
  folder = await tempFolder();
});
after(() => folder[Symbol.asyncDispose]());

interface Options {
  readonly assetType?: AssetType;
  readonly documentBytesMax?: number;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

async function observe(content: string | Uint8Array, options: Options = {}): Promise<Observation> {
  const bytes = Buffer.from(content);
  const path = await folder.write('object', bytes);
  const { mediaType } = await sniffMediaType({ head: bytes.subarray(0, 65_536), name: 'object' });
  return await observeAsset({
    path,
    sizeBytes: bytes.length,
    mediaType,
    assetType: options.assetType ?? 'other',
    limits: {
      ...DEFAULT_LIMITS,
      documentBytesMax: options.documentBytesMax ?? DEFAULT_LIMITS.documentBytesMax,
    },
    signal: options.signal ?? new AbortController().signal,
    timeoutMs: options.timeoutMs ?? 30_000,
  });
}

function rulesOf({ findings }: Observation): string[] {
  return findings.map(({ rule }) => rule);
}

describe('observing a document', () => {
  it('counts the pages of a PDF, and takes its title and language', async () => {
    const seen = await observe(await samplePdf({ pages: 3, title: ' Router\n manual', language: 'de-AT' }));
    assert.deepEqual(seen, {
      ...NOTHING_OBSERVED,
      mediaType: 'application/pdf',
      pageCount: 3,
      title: 'Router manual',
      documentLanguage: 'de-AT',
    });
  });

  it('finds, and does not fail on, a PDF that is encrypted, cut short or no PDF beyond its first line', async () => {
    const pdf = await samplePdf({ pages: 3 });
    const locked = await observe(await samplePdfWithPassword({ pages: 3 }));
    assert.deepEqual([locked.pageCount, ...rulesOf(locked)], [null, 'pdf_encrypted']);
    for (const broken of [pdf.subarray(0, 300), Buffer.from('%PDF-1.7\nnothing of the kind\n')]) {
      const seen = await observe(broken);
      assert.deepEqual([seen.pageCount, ...rulesOf(seen)], [null, 'pdf_unreadable']);
    }
  });

  it('does not open a PDF above the limit', async () => {
    const seen = await observe(await samplePdf({ pages: 3 }), { documentBytesMax: 100 });
    assert.deepEqual([seen.pageCount, ...rulesOf(seen)], [null, 'document_too_large']);
  });

  it('takes title and language of a page, in the charset that it names', async () => {
    const latin =
      '<!doctype html><html lang=fr><meta charset="windows-1252"><title>\n Caf\xe9 &amp; bar </title>';
    const pages = [
      [Buffer.from(latin, 'latin1'), 'Café & bar', 'fr'],
      [
        Buffer.from('\uFEFF<!doctype html><html lang="en-GB"><title>Ünder</title>', 'utf16le'),
        'Ünder',
        'en-GB',
      ],
      ['<?xml version="1.0"?><html xml:lang="de"><head><title>A</title></head></html>', 'A', 'de'],
      ['<h1>No title</h1><svg><title>of a drawing</title></svg>', null, null],
      ['<html lang=""><title></title><body>', null, null],
      [`<html><body>${'<div>'.repeat(200_000)}`, null, null],
    ] as const;
    for (const [content, title, language] of pages) {
      const seen = await observe(content);
      assert.deepEqual([seen.title, seen.documentLanguage, seen.findings], [title, language, []]);
    }
  });

  it('measures an image, and says so when it cannot', async () => {
    const png = samplePng({ width: 30, height: 20 });
    assert.equal((await observe(png)).resolution, '30x20');
    const broken = await observe(png.subarray(0, 18));
    assert.deepEqual([broken.resolution, ...rulesOf(broken)], [null, 'image_size_unknown']);
  });

  it('looks for nothing in text, in bytes of no known type and in an empty file', async () => {
    assert.deepEqual(await observe('# Title'), { ...NOTHING_OBSERVED, mediaType: 'text/plain' });
    assert.equal((await observe(Buffer.from([1, 2, 3]))).hasAudio, null);
    assert.deepEqual(await observe(''), { ...NOTHING_OBSERVED, mediaType: 'application/x-empty' });
  });
});

describe('observing media', () => {
  it('tells length, rate, channels and codec of sound', async () => {
    assert.deepEqual(await observe(sampleWave({ seconds: 2.5, sampleRateHz: 16_000, channels: 2 })), {
      ...NOTHING_OBSERVED,
      mediaType: 'audio/wav',
      durationSec: 2.5,
      sampleRateHz: 16_000,
      channels: 2,
      codec: 'PCM',
      hasAudio: true,
      hasVideo: false,
      hasText: false,
    });
  });

  it('tells length, size and codec of a video', async () => {
    assert.deepEqual(await observe(await sampleVideo({ seconds: 3, width: 96, height: 64 })), {
      ...NOTHING_OBSERVED,
      mediaType: 'video/mp4',
      durationSec: 3,
      resolution: '96x64',
      codec: 'AVC',
      hasAudio: false,
      hasVideo: true,
      hasText: false,
    });
  });

  it('sees that a video container holds sound only', async () => {
    const seen = await observe(sampleSoundInMp4({ seconds: 1.5 }));
    assert.deepEqual(
      [seen.mediaType, seen.hasAudio, seen.hasVideo, seen.durationSec],
      ['video/mp4', true, false, 1.5],
    );
  });

  it('reads the length of sound that was written to a pipe from its bytes', async () => {
    for (const statedBytes of [0, 0xffffffff]) {
      const seen = await observe(sampleWave({ seconds: 2, statedBytes }));
      assert.deepEqual([seen.durationSec, seen.findings], [2, []]);
    }
  });

  it('finds that a file ends before its end', async () => {
    const wave = sampleWave({ seconds: 4 });
    const video = await sampleVideo({ seconds: 3 });
    for (const whole of [wave, video]) {
      assert.deepEqual(rulesOf(await observe(whole.subarray(0, whole.length / 2))), ['media_truncated']);
    }
  });

  it('finds no track in random bytes that are declared to be media', async () => {
    const random = Buffer.concat(
      Array.from({ length: 2000 }, (_, at) => hash('sha256', String(at), 'buffer')),
    );
    const seen = await observe(random, { assetType: 'audio' });
    assert.deepEqual([seen.hasAudio, seen.hasVideo, seen.durationSec], [false, false, null]);
  });

  it('reads pieces of a file of many gigabytes', async () => {
    const video = await sampleVideo({ seconds: 3 });
    const path = await folder.write('large.mp4', video);
    const sizeBytes = 5_000_000_000;
    const end = video.length;
    await using file = await open(path, 'r+');
    const filler = Buffer.alloc(16);
    filler.writeUInt32BE(1);
    filler.write('mdat', 4);
    filler.writeBigUInt64BE(BigInt(sizeBytes - end), 8);
    await file.write(filler, 0, filler.length, end);
    await truncate(path, sizeBytes);

    const before = process.memoryUsage().rss;
    const seen = await observeAsset({
      path,
      sizeBytes,
      mediaType: 'video/mp4',
      assetType: 'video',
      limits: DEFAULT_LIMITS,
      signal: new AbortController().signal,
    });
    assert.deepEqual([seen.durationSec, seen.resolution], [3, '64x48']);
    assert.ok(process.memoryUsage().rss - before < 200 * MIB);
  });

  it('stops a look that does not end, as a failure, and goes on with the next file', async () => {
    const endless = inflateRawSync(Buffer.from(ENDLESS_MATROSKA, 'base64'));
    const started = performance.now();
    await assert.rejects(
      observe(endless, { assetType: 'video', timeoutMs: 700 }),
      (error) =>
        error instanceof TransientError && error.code === 'TM3201' && error.message.includes('0.7 s'),
    );
    assert.ok(performance.now() - started < 20_000);
    assert.equal((await observe(sampleWave({ seconds: 1 }))).durationSec, 1);
  });

  it('stops a look that a small file makes take gigabytes, and goes on with the next file', async () => {
    const small = await observe(samplePdfThatInflates({ mebibytes: 1 }));
    assert.equal(small.pageCount, 1);
    const bomb = samplePdfThatInflates({ mebibytes: 4096 });
    assert.ok(bomb.length < 8 * MIB);
    await assert.rejects(
      observe(bomb, { assetType: 'pdf' }),
      (error) =>
        error instanceof TransientError && /took more than 536870912 bytes of memory/.test(error.message),
    );
    assert.ok(process.memoryUsage().rss < 2048 * MIB);
    assert.equal((await observe(sampleWave({ seconds: 1 }))).durationSec, 1);
  });

  it('stops at once when cancelled', async () => {
    const endless = inflateRawSync(Buffer.from(ENDLESS_MATROSKA, 'base64'));
    const signal = AbortSignal.timeout(300);
    await assert.rejects(observe(endless, { assetType: 'video', signal }), { name: 'TimeoutError' });
    await assert.rejects(observe('text', { signal }), { name: 'TimeoutError' });
  });

  it('looks at many files at a time', async () => {
    const paths = await Promise.all(
      [1, 2, 3].map((seconds) => folder.write(`${seconds}.wav`, sampleWave({ seconds }))),
    );
    const seen = await Promise.all(
      paths.map((path, at) =>
        observeAsset({
          path,
          sizeBytes: 44 + (at + 1) * 16_000,
          mediaType: 'audio/wav',
          assetType: 'audio',
          limits: DEFAULT_LIMITS,
          signal: new AbortController().signal,
        }),
      ),
    );
    assert.deepEqual(
      seen.map(({ durationSec }) => durationSec),
      [1, 2, 3],
    );
  });
});

describe('observing an object that is not the landed one', () => {
  it('refuses an object that is gone or of another size', async () => {
    const path = await folder.write('short.wav', sampleWave({ seconds: 1 }));
    const request = {
      sizeBytes: 10,
      mediaType: 'audio/wav',
      assetType: 'audio',
      limits: DEFAULT_LIMITS,
      signal: new AbortController().signal,
    } as const;
    for (const lost of [path, `${path}.gone`]) {
      await assert.rejects(
        observeAsset({ ...request, path: lost }),
        (error) => error instanceof InvariantError && error.code === 'TM3202',
      );
    }
  });
});
