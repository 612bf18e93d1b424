import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { imageSize } from 'image-size';
import mediaInfoFactory from 'mediainfo.js';
import { parse } from 'parse5';
import { getDocumentProxy } from 'unpdf';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import { EXPECTED_PATH } from './expected.ts';
import type { Utterance } from './transcripts.ts';

interface Medium {
  readonly path: string;
  readonly media_type: string;
  readonly duration_sec?: number;
  readonly page_count?: number;
  readonly width?: number;
  readonly height?: number;
  readonly sample_rate?: number;
}

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path));
const media = (JSON.parse(read(EXPECTED_PATH).toString()) as { media: Medium[] }).media;
const ofType = (type: string) => media.filter(({ media_type }) => media_type === type);

test('the PDFs open in a reader and have as many pages as expected', async () => {
  for (const { path, page_count } of ofType('application/pdf')) {
    const document = await getDocumentProxy(new Uint8Array(read(path)));
    assert.equal(document.numPages, page_count, path);
    await document.loadingTask.destroy();
  }
});

test('the pictures are PNG of the expected size whose pixels unpack', () => {
  for (const { path, width, height } of ofType('image/png')) {
    const bytes = read(path);
    assert.deepEqual({ ...imageSize(bytes) }, { width, height, type: 'png' }, path);
    const start = bytes.indexOf('IDAT') + 4;
    const rows = inflateSync(bytes.subarray(start, start + bytes.readUInt32BE(start - 8)));
    assert.equal(rows.length, (1 + (width as number) / 4) * (height as number), path);
  }
});

test('sound and film are what they are called, and as long as expected', async () => {
  const info = await mediaInfoFactory({ format: 'object' });
  for (const { path, media_type, ...facts } of [...ofType('audio/wav'), ...ofType('video/mp4')]) {
    const bytes = read(path);
    const { media: found } = await info.analyzeData(
      () => bytes.length,
      (size, offset) => new Uint8Array(bytes.subarray(offset, offset + size)),
    );
    const tracks = found?.track ?? [];
    const general = tracks.find((track) => track['@type'] === 'General');
    assert.equal(Number(general?.Duration), facts.duration_sec, path);
    if (media_type === 'video/mp4') {
      const video = tracks.find((track) => track['@type'] === 'Video');
      assert.deepEqual(
        [general?.Format, video?.Format, video?.Width, video?.Height],
        ['MPEG-4', 'AVC', 160, 120],
      );
    } else {
      const audio = tracks.find((track) => track['@type'] === 'Audio');
      const { sample_rate } = facts;
      assert.deepEqual(
        [general?.Format, audio?.Format, audio?.SamplingRate],
        ['Wave', 'PCM', sample_rate],
        path,
      );
    }
  }
  info.close();
});

test('the help articles are whole HTML documents', () => {
  for (const { path } of ofType('text/html')) {
    const problems: string[] = [];
    parse(read(path).toString(), { onParseError: ({ code }) => problems.push(code) });
    assert.deepEqual(problems, [], path);
  }
});

test('transcripts are ordered, do not overlap and end before the medium does; declared lengths are true', () => {
  const names = ['call_audio', 'launch_multimodal', 'tutorial_videos'];
  for (const name of names) {
    const { assets } = JSON.parse(read(`data/seed_manifests/${name}.json`).toString()) as SourceManifest;
    for (const asset of assets.filter(({ transcript_object_path }) => transcript_object_path != null)) {
      const medium = media.find(({ path }) => path === asset.source_url_or_path);
      assert.equal(asset.duration_sec, medium?.duration_sec, asset.source_id);
      const lines = read(asset.transcript_object_path ?? '')
        .toString()
        .trimEnd()
        .split('\n');
      let end = 0;
      for (const utterance of lines.map((line) => JSON.parse(line) as Utterance)) {
        assert.deepEqual(Object.keys(utterance), ['start_sec', 'end_sec', 'speaker', 'text']);
        assert.ok(utterance.start_sec >= end && utterance.end_sec > utterance.start_sec, utterance.text);
        end = utterance.end_sec;
      }
      assert.ok(end <= (asset.duration_sec ?? 0), asset.source_id);
    }
  }
});
