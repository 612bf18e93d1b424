import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ManifestAsset, SourceManifest } from '../manifest/source-manifest.ts';
import { configureServices } from './services.ts';

const CONTRACTS = fileURLToPath(new URL('../../../contracts/data', import.meta.url));

/** A small project in a folder of its own, with the four contracts. Removed with `await using`. */
export interface SampleProject extends AsyncDisposable {
  readonly root: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** An asset entry with the true size and sum of the content, which is written too. */
  asset(
    entry: Partial<ManifestAsset> & { source_id: string; path: string; content: string | Uint8Array },
  ): Promise<ManifestAsset>;
  manifest(
    name: string,
    fields: Partial<SourceManifest> & Pick<SourceManifest, 'assets'>,
  ): Promise<SourceManifest>;
}

export async function sampleProject(): Promise<SampleProject> {
  return await sampleProjectAt(await mkdtemp(join(tmpdir(), 'tidemark-test-')));
}

/** In a folder that is there, or that is made. */
export async function sampleProjectAt(root: string): Promise<SampleProject> {
  await cp(CONTRACTS, join(root, 'contracts/data'), { recursive: true });
  await configureServices(root);
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  return {
    root,
    write,
    asset: async ({ path, content, ...entry }) => {
      await write(path, content);
      const bytes = Buffer.from(content);
      return {
        source_url_or_path: path,
        asset_type: 'jsonl',
        size_bytes: bytes.length,
        checksum_sha256: createHash('sha256').update(bytes).digest('hex'),
        metadata_status: 'complete',
        pii_scan_status: 'clear',
        ...entry,
      };
    },
    manifest: async (name, fields) => {
      const manifest: SourceManifest = {
        manifest_id: `manifest-${name}-20260401-001`,
        schema_version: 'source_manifest_v1',
        batch_id: `batch-${name}`,
        modality: 'structured',
        source_type: 'ticket_export',
        license_tag: 'course_synthetic',
        contract_ref: 'omni://contracts/data/ticket/v1',
        load_mode: 'full_snapshot',
        created_at: '2026-04-01T08:00:00Z',
        owner: 'data-platform',
        ...fields,
      };
      await write(`data/seed_manifests/${name}.json`, JSON.stringify(manifest, null, 2));
      return manifest;
    },
    [Symbol.asyncDispose]: async () => await rm(root, { recursive: true, force: true }),
  };
}

/** A ticket that its contract accepts; `number` makes it its own. */
export function ticket(number: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const minute = String(number % 60).padStart(2, '0');
  const hour = String(Math.floor(number / 60) % 24).padStart(2, '0');
  return {
    ticket_id: `TKT-20260401-${String(number).padStart(6, '0')}`,
    schema_version: 'ticket_v1',
    source_id: 'helpdesk',
    ingest_batch_id: 'export-1',
    customer_id: `customer-${number % 7}`,
    status: 'open',
    priority: 'p3_medium',
    product_line: 'northstar_workspace',
    created_at: `2026-04-01T${hour}:${minute}:00Z`,
    subject: `Ticket ${number} – größer, schneller, 再現 ✨`,
    tags: ['a', 'b'],
    pii_level: 'none',
    quality_gate: 'pass',
    owner: 'support-data',
    ...fields,
  };
}

export function jsonLines(records: readonly (Record<string, unknown> | string)[]): string {
  return records
    .map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`)
    .join('');
}
