import type { JsonObject } from '../model/json.ts';
import { readManifest } from './read-manifest.ts';
import type { Problem } from './source-manifest.ts';

/** The least that is a manifest, of documents; `changes` replace top-level fields, and `undefined` removes one. */
export function leastManifest(changes: Readonly<Record<string, unknown>> = {}): JsonObject {
  const manifest = {
    manifest_id: 'manifest-least-20260301-001',
    schema_version: 'source_manifest_v1',
    batch_id: 'batch-1',
    modality: 'document',
    source_type: 'help_center',
    license_tag: 'cc_by',
    contract_ref: 'omni://contracts/data/doc_asset/v1',
    load_mode: 'full_snapshot',
    assets: [leastAsset()],
    created_at: '2026-03-01T00:00:00Z',
    owner: 'docs-team',
    ...changes,
  };
  return JSON.parse(JSON.stringify(manifest));
}

export function leastAsset(changes: Readonly<Record<string, unknown>> = {}): JsonObject {
  const asset = { source_id: 'doc:a', source_url_or_path: 'seeds/a.html', asset_type: 'html', ...changes };
  return JSON.parse(JSON.stringify(asset));
}

/** Fields that make a manifest of each contract pass its pairings. */
export const FITTING = {
  doc_asset: {
    contract_ref: 'omni://contracts/data/doc_asset/v1',
    modality: 'document',
    source_type: 'help_center',
  },
  ticket: {
    contract_ref: 'omni://contracts/data/ticket/v1',
    modality: 'structured',
    source_type: 'ticket_export',
  },
  audio_asset: {
    contract_ref: 'omni://contracts/data/audio_asset/v1',
    modality: 'audio',
    source_type: 'call_recording',
  },
  video_asset: {
    contract_ref: 'omni://contracts/data/video_asset/v1',
    modality: 'video',
    source_type: 'screencast',
  },
} as const;

export function problemsOf(manifest: unknown): readonly Problem[] {
  return problemsIn(JSON.stringify(manifest, null, 2));
}

export function problemsIn(text: string | Uint8Array): readonly Problem[] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const reading = readManifest({ path: 'm.json', bytes });
  return reading.kind === 'declared' ? [] : reading.problems;
}

/** `rule pointer` of each problem, in order. */
export function rulesOf(manifest: unknown): string[] {
  return problemsOf(manifest).map((problem) => `${problem.rule} ${problem.pointer}`);
}
