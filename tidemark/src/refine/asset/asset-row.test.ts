import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Contract } from '../../contract/contract.ts';
import { loadContracts } from '../../contract/load-contracts.ts';
import type { ManifestAsset, SourceManifest } from '../../manifest/source-manifest.ts';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { type AssetRow, type AssetRowFacts, assetRow } from './asset-row.ts';
import { NOTHING_OBSERVED, type Observation } from './observation.ts';
import type { LandedSidecar } from './sidecar.ts';

type Table = 'doc_asset' | 'audio_asset' | 'video_asset';
const contracts = new Map<string, Contract>();

before(async () => {
  const dir = join(import.meta.dirname, '../../../../contracts/data');
  const shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
  for (const reading of shelf.all()) {
    if (reading.kind === 'contract') contracts.set(reading.contract.traits.table, reading.contract);
  }
});

const MANIFEST: SourceManifest = {
  manifest_id: 'manifest-calls-20260318-001',
  schema_version: 'source_manifest_v1',
  batch_id: 'batch-1',
  modality: 'multimodal',
  source_type: 'call_recording',
  product_line: 'northstar_studio',
  license_tag: 'course_synthetic',
  contract_ref: 'omni://contracts/data/audio_asset/v1',
  load_mode: 'full_snapshot',
  assets: [],
  created_at: '2026-01-02T03:04:05Z',
  owner: 'support-data',
};
const FINGERPRINT = `ab${'0'.repeat(62)}`;

interface Given {
  readonly manifest?: Partial<SourceManifest>;
  readonly asset?: Partial<ManifestAsset>;
  readonly observation?: Partial<Observation>;
  readonly sidecars?: readonly LandedSidecar[];
  readonly judgement?: AssetRowFacts['judgement'];
  readonly ingestTs?: string;
  readonly contract?: Contract;
}

function rowOf(table: Table, given: Given = {}): AssetRow {
  return assetRow({
    contract: given.contract ?? contractOf(table),
    manifest: { ...MANIFEST, ...given.manifest },
    asset: {
      source_id: 'calls/2026 #7',
      source_url_or_path: 'data/a b.wav',
      asset_type: 'audio',
      ...given.asset,
    },
    observation: { ...NOTHING_OBSERVED, mediaType: 'audio/wav', durationSec: 2.5, ...given.observation },
    judgement: given.judgement ?? 'accept',
    sidecars: given.sidecars ?? [],
    sourceFingerprint: FINGERPRINT,
    batchId: 'batch-given',
    ingestTs: given.ingestTs ?? '2026-04-01T00:00:00Z',
  });
}

function contractOf(table: Table): Contract {
  const contract = contracts.get(table);
  assert.ok(contract);
  return contract;
}

function sidecar(role: string, digit: string): LandedSidecar {
  const sha256 = digit.repeat(64);
  return { role, sha256, path: '/p', sizeBytes: 1, declaredPath: `${role}.x`, mediaType: 'text/plain' };
}

describe('the Bronze row of an asset', () => {
  it('is a valid record of each contract, with the derived id marked', () => {
    assert.deepEqual(rowOf('audio_asset'), {
      derivedId: true,
      record: {
        call_id: 'CALL-20260318-39677209',
        schema_version: 'audio_asset_v1',
        source_id: 'calls/2026 #7',
        ingest_batch_id: 'batch-given',
        ingest_ts: '2026-04-01T00:00:00Z',
        raw_object_path: `raw/sha256/ab/${FINGERPRINT}`,
        audio_type: 'real_call',
        duration_sec: 2.5,
        product_line: 'northstar_studio',
        owner: 'support-data',
        license_tag: 'course_synthetic',
        quality_gate: 'pass',
        pii_level: 'high',
        pii_redacted: false,
      },
    });
    assert.deepEqual(
      rowOf('doc_asset', {
        manifest: { source_type: 'help_center' },
        asset: { asset_type: 'html', pii_scan_status: 'clear' },
        observation: { documentLanguage: 'de', pageCount: 3, durationSec: null },
        judgement: 'warn',
      }),
      {
        derivedId: true,
        record: {
          source_id: 'doc:northstar_studio:76ea8ed22ae4',
          asset_type: 'html',
          schema_version: 'doc_asset_v1',
          source_fingerprint: FINGERPRINT,
          ingest_batch_id: 'batch-given',
          ingest_ts: '2026-04-01T00:00:00Z',
          raw_object_path: `raw/sha256/ab/${FINGERPRINT}`,
          source_url: 'omni://source/data/a%20b.wav',
          modality: 'document',
          product_line: 'northstar_studio',
          language: 'de',
          page_count: 3,
          owner: 'support-data',
          license_tag: 'course_synthetic',
          quality_gate: 'warn',
          pii_level: 'none',
        },
      },
    );
    assert.deepEqual(
      rowOf('video_asset', {
        manifest: { source_type: 'screencast' },
        asset: { asset_type: 'video', pii_scan_status: 'redacted', language: 'en' },
        observation: { resolution: '64x48', documentLanguage: 'de' },
        sidecars: [sidecar('transcript', '1'), sidecar('audio_track', '2'), sidecar('keyframe_ocr', '3')],
      }).record,
      {
        video_id: 'VID-northstar_studio-76ea8ed22ae4',
        schema_version: 'video_asset_v1',
        source_id: 'calls/2026 #7',
        ingest_batch_id: 'batch-given',
        ingest_ts: '2026-04-01T00:00:00Z',
        raw_object_path: `raw/sha256/ab/${FINGERPRINT}`,
        source_url: 'omni://source/data/a%20b.wav',
        video_type: 'screencast',
        duration_sec: 2.5,
        resolution: '64x48',
        language: 'en',
        product_line: 'northstar_studio',
        transcript_object_path: `raw/sha256/11/${'1'.repeat(64)}`,
        audio_track_path: `raw/sha256/22/${'2'.repeat(64)}`,
        has_ocr: true,
        has_caption: true,
        owner: 'support-data',
        license_tag: 'course_synthetic',
        quality_gate: 'pass',
        pii_level: 'low',
      },
    );
    for (const table of ['doc_asset', 'audio_asset', 'video_asset'] as const) {
      const asset = { asset_type: table === 'doc_asset' ? 'pdf' : 'audio' } as const;
      assert.deepEqual(contractOf(table).validate(rowOf(table, { asset }).record), []);
    }
  });

  it('keeps a declared id that fits its contract', () => {
    const fitting = [
      ['doc_asset', 'source_id', 'doc:northstar_help:3f2a90c41b7d'],
      ['audio_asset', 'call_id', 'CALL-20260318-00000042'],
      ['video_asset', 'video_id', 'VID-northstar_studio-5d1c0a77be42'],
    ] as const;
    for (const [table, property, source_id] of fitting) {
      const { record, derivedId } = rowOf(table, { asset: { source_id } });
      assert.deepEqual([record[property], derivedId], [source_id, false]);
    }
  });

  it('names what it derives by the product line, else by the source type', () => {
    const video = (manifest: Partial<SourceManifest>) =>
      String(rowOf('video_asset', { manifest }).record.video_id);
    assert.match(video({}), /^VID-northstar_studio-/);
    assert.match(video({ product_line: 'unknown' }), /^VID-call_recording-/);
    const { product_line: _, ...unnamed } = MANIFEST;
    const facts = rowOf('video_asset', { manifest: { ...unnamed, product_line: 'Édge — Gateway 2' } });
    assert.match(String(facts.record.video_id), /^VID-dge_gateway_2-/);
  });

  it('takes the day of a derived call from the manifest, never from a clock', () => {
    const call = (manifest: Partial<SourceManifest>) =>
      String(rowOf('audio_asset', { manifest }).record.call_id);
    assert.match(call({}), /^CALL-20260318-/);
    assert.match(call({ manifest_id: 'my-manifest' }), /^CALL-20260102-/);
    assert.match(call({ manifest_id: 'my-manifest', created_at: '' }), /^CALL-00000000-/);
  });

  it('is the same on every run but for its lineage', () => {
    const { ingest_ts: _, ...first } = rowOf('audio_asset', { ingestTs: '2026-01-01T00:00:00Z' }).record;
    const { ingest_ts: __, ...second } = rowOf('audio_asset', { ingestTs: '2027-01-01T00:00:00Z' }).record;
    assert.deepEqual(first, second);
  });

  it('gives any declared id one that fits, and other ids to other sources', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        for (const [table, property] of [
          ['doc_asset', 'source_id'],
          ['audio_asset', 'call_id'],
          ['video_asset', 'video_id'],
        ] as const) {
          const idOf = (source_id: string) => {
            const { record } = rowOf(table, { asset: { source_id, asset_type: 'other' } });
            const wrong = contractOf(table)
              .validate(record)
              .filter(({ pointer }) => pointer === `/${property}`);
            assert.deepEqual(wrong, []);
            return record[property];
          };
          assert.equal(idOf(one) === idOf(other), one.toWellFormed() === other.toWellFormed());
        }
      }),
      { numRuns: 50 },
    );
  });

  it('falls back on the declared duration, and leaves out what nobody knows', () => {
    const unobserved = { durationSec: null };
    const declared = rowOf('audio_asset', { asset: { duration_sec: 7 }, observation: unobserved });
    assert.equal(declared.record.duration_sec, 7);
    const { record } = rowOf('audio_asset', { observation: unobserved });
    assert.equal('duration_sec' in record, false);
    const violations = contractOf('audio_asset').validate(record);
    assert.deepEqual(
      violations.map(({ rule }) => rule),
      ['required'],
    );
  });

  it('holds only what the contract lists', () => {
    const contract = contractOf('audio_asset');
    const { properties } = contract.schema;
    const { owner: _, ...fewer } = properties as Record<string, never>;
    const narrow = { ...contract, schema: { ...contract.schema, properties: fewer } };
    assert.equal('owner' in rowOf('audio_asset', { contract: narrow }).record, false);
    assert.equal('page_count' in rowOf('audio_asset', { observation: { pageCount: 3 } }).record, false);
  });
});
