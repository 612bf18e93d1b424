import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import { compareWithRepository, wantedFiles } from './compare-world.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'data/seed_manifests');
const manifests = readdirSync(folder).map((name) => ({
  name,
  manifest: JSON.parse(readFileSync(join(folder, name), 'utf8')) as SourceManifest,
}));

test('generating the sample world again gives the bytes that are in the repository, and no file more or less', async () => {
  const first = await wantedFiles();
  assert.deepEqual(await compareWithRepository(first), []);
  // Once more in the same process: nothing may depend on what was drawn before.
  const second = await wantedFiles();
  assert.deepEqual(
    second.map(({ path, bytes }) => [path, digest(bytes)]),
    first.map(({ path, bytes }) => [path, digest(bytes)]),
  );
});

describe('every manifest declares what is there', () => {
  for (const { name, manifest } of manifests) {
    test(name, () => {
      for (const asset of manifest.assets) {
        const bytes = readFileSync(join(root, asset.source_url_or_path));
        assert.equal(asset.size_bytes, bytes.length, asset.source_id);
        if (asset.checksum_sha256 != null)
          assert.equal(asset.checksum_sha256, digest(bytes), asset.source_id);
        for (const sidecar of [
          asset.transcript_object_path,
          asset.ocr_text_path,
          asset.keyframe_ocr_path,
          asset.audio_track_path,
        ]) {
          if (sidecar != null) assert.ok(readFileSync(join(root, sidecar)).length > 0, sidecar);
        }
      }
    });
  }
});

test('no two manifests share an id, a batch or a source', () => {
  for (const names of [
    manifests.map(({ manifest }) => manifest.manifest_id),
    manifests.map(({ manifest }) => manifest.batch_id),
    manifests.flatMap(({ manifest }) => manifest.assets.map((asset) => asset.source_id)),
  ]) {
    assert.equal(new Set(names).size, names.length, names.join());
  }
});

test('ticket records name the source and the batch that deliver them', () => {
  for (const { manifest } of manifests.filter(({ manifest }) => manifest.modality === 'structured')) {
    for (const asset of manifest.assets) {
      const text = readFileSync(join(root, asset.source_url_or_path), 'utf8');
      const named = [...text.matchAll(/"(source_id|ingest_batch_id)": ?"([^"]*)"/g)].map((match) =>
        match.slice(1),
      );
      assert.ok(named.length > 0);
      for (const [property, value] of named) {
        assert.equal(value, property === 'source_id' ? asset.source_id : manifest.batch_id);
      }
    }
  }
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
