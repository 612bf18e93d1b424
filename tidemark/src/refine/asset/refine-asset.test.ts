import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Contract } from '../../contract/contract.ts';
import { loadContracts } from '../../contract/load-contracts.ts';
import { sniffMediaType } from '../../landing/sniff.ts';
import type { ManifestAsset, SourceManifest } from '../../manifest/source-manifest.ts';
import { digestOf, EMPTY_DIGEST } from '../../model/digest.ts';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { recordImbalance } from '../../model/tally.ts';
import { samplePdf, samplePng, sampleVideo, sampleWave } from '../../testing/sample-assets.ts';
import { type TempFolder, tempFolder } from '../../testing/temp-folder.ts';
import { type RefineAssetInput, type RefinedAsset, refineAsset } from './refine-asset.ts';

let folder: TempFolder;
let shelf: Awaited<ReturnType<typeof loadContracts>>;
let made = 0;
before(async () => {
  folder = await tempFolder();
  const dir = join(import.meta.dirname, '../../../../contracts/data');
  shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
});
after(() => folder[Symbol.asyncDispose]());

interface Given {
  readonly table: 'doc_asset' | 'audio_asset' | 'video_asset';
  readonly content: string | Uint8Array;
  readonly asset: Pick<ManifestAsset, 'source_url_or_path' | 'asset_type'> & Partial<ManifestAsset>;
  readonly transcript?: string;
  readonly batchId?: string;
  readonly ingestTs?: string;
  readonly manifest?: Partial<SourceManifest>;
}

async function inputOf({ table, content, asset, transcript, ...given }: Given): Promise<RefineAssetInput> {
  made += 1;
  const land = async (role: string, bytes: string | Uint8Array, declaredPath: string) => ({
    role,
    path: await folder.write(`${made}-${role}`, bytes),
    sizeBytes: Buffer.byteLength(bytes),
    sha256: hash('sha256', bytes),
    declaredPath,
    ...(await sniffMediaType({ head: Buffer.from(bytes).subarray(0, 65_536), name: declaredPath })),
  });
  const { sha256, ...landed } = await land('asset', content, asset.source_url_or_path);
  const scratchDir = join(folder.path, `scratch-${made}`);
  await mkdir(scratchDir);
  return {
    ...landed,
    sourceFingerprint: sha256,
    manifest: {
      manifest_id: 'manifest-sample-20260318-001',
      schema_version: 'source_manifest_v1',
      batch_id: 'batch-1',
      modality: 'multimodal',
      source_type: 'other',
      license_tag: 'cc_by',
      contract_ref: `omni://contracts/data/${table}/v1`,
      load_mode: 'full_snapshot',
      assets: [],
      created_at: '2026-03-18T00:00:00Z',
      owner: 'docs-team',
      ...given.manifest,
    },
    asset: { source_id: 'sample', ...asset },
    judgement: 'accept',
    batchId: given.batchId ?? 'batch-1',
    ingestTs: given.ingestTs ?? '2026-04-01T00:00:00Z',
    sidecars: transcript === undefined ? [] : [await land('transcript', transcript, 'transcript.jsonl')],
    contract: contractOf(table),
    scratchDir,
    limits: DEFAULT_LIMITS,
    signal: new AbortController().signal,
  };
}

function contractOf(table: string): Contract {
  const reading = shelf.get(`omni://contracts/data/${table}/v1`);
  assert.ok(reading.kind === 'contract');
  return reading.contract;
}

async function linesOf(path: string | null | undefined): Promise<Record<string, unknown>[]> {
  assert.ok(path);
  const text = await readFile(path, 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function assertRefined(outcome: RefinedAsset): asserts outcome is Extract<RefinedAsset, { kind: 'refined' }> {
  assert.ok(outcome.kind === 'refined', outcome.kind === 'mismatch' ? JSON.stringify(outcome) : '');
}

async function assertMismatch(given: Given, rules: readonly string[]): Promise<void> {
  const input = await inputOf(given);
  const outcome = await refineAsset(input);
  assert.ok(outcome.kind === 'mismatch', 'it was refined');
  assert.deepEqual(
    outcome.mismatches.map(({ rule }) => rule),
    rules,
  );
  assert.deepEqual(await readdir(input.scratchDir), [], 'a refused asset leaves no row');
}

const pdf = { source_url_or_path: 'docs/manual.pdf', asset_type: 'pdf' } as const;
const call = { source_url_or_path: 'calls/a.wav', asset_type: 'audio' } as const;

describe('refining an asset into its row', () => {
  it('makes one accepted row of a document', async () => {
    const outcome = await refineAsset(
      await inputOf({ table: 'doc_asset', content: await samplePdf({ pages: 3 }), asset: pdf }),
    );
    assertRefined(outcome);
    const { unit, observation, derivedId } = outcome;
    const [row, ...others] = await linesOf(unit.acceptedParts[0]);
    assert.ok(row);
    assert.deepEqual(others, []);
    assert.equal(derivedId, true);
    assert.equal(observation.pageCount, 3);
    assert.equal(row.page_count, 3);
    assert.equal(row.asset_type, 'pdf');
    assert.deepEqual([row.record_line, row.record_offset], [null, null]);
    assert.match(String(row.record_fingerprint), /^[0-9a-f]{32}$/);
    assert.match(String(row.record_source_id ?? row.source_id), /^doc:other:[0-9a-f]{12}$/);
    assert.equal(row.ingest_ts, '2026-04-01 00:00:00.000000+00');
    const columns = contractOf('doc_asset').columns.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(row).sort(),
      [...columns, 'record_line', 'record_offset', 'record_fingerprint'].sort(),
    );

    assert.deepEqual([unit.tally.read, unit.tally.accepted, recordImbalance(unit.tally)], [1, 1, 0]);
    const one = digestOf(String(row.record_fingerprint));
    assert.deepEqual(
      [unit.read, unit.accepted, unit.rejected, unit.outOfWindow],
      [one, one, EMPTY_DIGEST, EMPTY_DIGEST],
    );
    assert.deepEqual(
      [unit.rejectsPath, unit.outOfWindowPath, unit.eventTime, unit.cursorMax],
      [null, null, null, null],
    );
  });

  it('gives the same fingerprint when the same content comes in another batch, at another time', async () => {
    const content = sampleWave({ seconds: 1 });
    const first = await refineAsset(await inputOf({ table: 'audio_asset', content, asset: call }));
    const again = await refineAsset(
      await inputOf({
        table: 'audio_asset',
        content,
        asset: call,
        batchId: 'batch-2',
        ingestTs: '2027-01-01T00:00:00Z',
      }),
    );
    const longer = await refineAsset(
      await inputOf({ table: 'audio_asset', content: sampleWave({ seconds: 2 }), asset: call }),
    );
    assertRefined(first);
    assertRefined(again);
    assertRefined(longer);
    assert.deepEqual(first.unit.read, again.unit.read);
    assert.notDeepEqual(first.unit.read, longer.unit.read);
  });

  it('makes rows of sound, video, pages and images', async () => {
    const transcript = '{"start_sec":0,"end_sec":1.9,"text":"hello"}\n';
    const samples = [
      {
        table: 'audio_asset',
        content: sampleWave({ seconds: 2 }),
        asset: { ...call, duration_sec: 2.2 },
        transcript,
        row: { duration_sec: 2 },
      },
      {
        table: 'video_asset',
        content: await sampleVideo({ seconds: 2 }),
        asset: { source_url_or_path: 'v.mp4', asset_type: 'video' },
        transcript,
        row: { duration_sec: 2, resolution: '64x48', has_caption: true, has_ocr: false },
      },
      {
        table: 'doc_asset',
        content: '<!doctype html><html lang="en"><title>Help</title>',
        asset: { source_url_or_path: 'https://help.example/1', asset_type: 'faq' },
        row: { language: 'en', page_count: null, source_url: 'https://help.example/1' },
      },
      {
        table: 'doc_asset',
        content: samplePng({ width: 4, height: 4 }),
        asset: { source_url_or_path: 'a.png', asset_type: 'image' },
        row: { asset_type: 'image' },
      },
    ] as const;
    for (const { row, ...given } of samples) {
      const outcome = await refineAsset(await inputOf(given));
      assertRefined(outcome);
      const [line] = await linesOf(outcome.unit.acceptedParts[0]);
      for (const [column, value] of Object.entries(row)) assert.equal(line?.[column], value, column);
    }
  });

  it('rejects a row that breaks its contract, with the reason and the whole file as payload', async () => {
    const input = await inputOf({
      table: 'doc_asset',
      content: await samplePdf({ pages: 1 }),
      asset: pdf,
      manifest: { license_tag: 'all_mine' },
    });
    const outcome = await refineAsset(input);
    assertRefined(outcome);
    const { unit } = outcome;
    const [line] = await linesOf(unit.rejectsPath);
    assert.ok(line);
    const violations = line.violations as { rule: string; pointer: string; received: string }[];
    assert.deepEqual(
      violations.map(({ rule, pointer }) => [rule, pointer]),
      [['enum', '/license_tag']],
    );
    assert.deepEqual([line.record_line, line.record_offset, line.record_length], [null, 0, input.sizeBytes]);
    assert.deepEqual([unit.tally.read, unit.tally.rejected, recordImbalance(unit.tally)], [1, 1, 0]);
    const one = digestOf(String(line.record_fingerprint));
    assert.deepEqual([unit.read, unit.rejected, unit.accepted], [one, one, EMPTY_DIGEST]);
    assert.deepEqual(unit.acceptedParts, []);
  });
});

describe('refusing an asset whose bytes contradict its declaration', () => {
  it('refuses bytes of another type', async () => {
    const anyPdf = await samplePdf({ pages: 1 });
    const wave = sampleWave({ seconds: 1 });
    await assertMismatch({ table: 'audio_asset', content: anyPdf, asset: call }, ['type_mismatch']);
    await assertMismatch({ table: 'doc_asset', content: '<!doctype html>', asset: pdf }, ['type_mismatch']);
    await assertMismatch({ table: 'doc_asset', content: wave, asset: pdf }, ['type_mismatch']);
    await assertMismatch({ table: 'doc_asset', content: '', asset: pdf }, ['type_mismatch']);
    await assertMismatch({ table: 'audio_asset', content: Buffer.from([7, 0, 200, 1, 4]), asset: call }, [
      'type_mismatch',
    ]);
    await assertMismatch(
      { table: 'video_asset', content: wave, asset: { source_url_or_path: 'v.mp4', asset_type: 'video' } },
      ['type_mismatch'],
    );
  });

  it('refuses files that end too early or cannot be read', async () => {
    const video = await sampleVideo({ seconds: 2 });
    const asset = { source_url_or_path: 'v.mp4', asset_type: 'video' } as const;
    await assertMismatch({ table: 'video_asset', content: video.subarray(0, 900), asset }, [
      'media_truncated',
    ]);
    await assertMismatch({ table: 'doc_asset', content: '%PDF-1.7\nno more', asset: pdf }, [
      'document_unreadable',
    ]);
  });

  it('refuses a declared duration that is not that of the file', async () => {
    const content = sampleWave({ seconds: 2 });
    await assertMismatch({ table: 'audio_asset', content, asset: { ...call, duration_sec: 3 } }, [
      'duration_mismatch',
    ]);
  });

  it('refuses an asset for its transcript', async () => {
    const content = sampleWave({ seconds: 2 });
    const late = '{"start_sec":0,"end_sec":9,"text":"late"}';
    await assertMismatch({ table: 'audio_asset', content, asset: call, transcript: late }, [
      'transcript_past_end',
    ]);
    await assertMismatch({ table: 'audio_asset', content, asset: call, transcript: '1\n00:00 hello' }, [
      'transcript_not_jsonl',
      'transcript_not_jsonl',
    ]);
  });
});
