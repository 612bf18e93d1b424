import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceManifest } from '../tidemark/src/manifest/source-manifest.ts';

/** A manifest of one file of tickets, declared with its true size and sum. */
export function ticketManifest({
  name,
  batchId,
  sourceId,
  path,
  sizeBytes,
  sha256,
}: {
  /** Lower case, of letters. */
  name: string;
  batchId: string;
  sourceId: string;
  /** Below the project. */
  path: string;
  sizeBytes: number;
  sha256: string;
}): SourceManifest {
  return {
    manifest_id: `manifest-${name}-20260401-001`,
    schema_version: 'source_manifest_v1',
    batch_id: batchId,
    modality: 'structured',
    source_type: 'ticket_export',
    license_tag: 'course_synthetic',
    contract_ref: 'omni://contracts/data/ticket/v1',
    load_mode: 'full_snapshot',
    created_at: '2026-04-01T08:00:00Z',
    owner: 'data-platform',
    assets: [
      {
        source_id: sourceId,
        source_url_or_path: path,
        asset_type: 'jsonl',
        size_bytes: sizeBytes,
        checksum_sha256: sha256,
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
  };
}

/** A ticket with what every ticket has; its content is told apart by customer and time. */
export function plainTicket({
  number,
  customer,
  at,
}: {
  number: number;
  customer: string;
  at: Date;
}): object {
  return {
    ticket_id: `TKT-20260401-${String(number % 1_000_000).padStart(6, '0')}`,
    schema_version: 'ticket_v1',
    source_id: 'helpdesk',
    ingest_batch_id: 'export-1',
    customer_id: customer,
    status: 'open',
    priority: 'p3_medium',
    product_line: 'northstar_workspace',
    created_at: `${at.toISOString().slice(0, 19)}Z`,
    pii_level: 'none',
    quality_gate: 'pass',
    owner: 'support-desk',
  };
}

/** Writes tickets and the manifest that declares them; its path. */
export async function declareTickets(
  root: string,
  { name, tickets }: { name: string; tickets: readonly object[] },
): Promise<string> {
  const text = tickets.map((ticket) => `${JSON.stringify(ticket)}\n`).join('');
  const path = `data/${name}.jsonl`;
  await writeFile(join(root, path), text);
  const manifest = ticketManifest({
    name,
    batchId: `batch-${name}`,
    sourceId: `desk-${name}`,
    path,
    sizeBytes: Buffer.byteLength(text),
    sha256: hash('sha256', text),
  });
  const place = join(root, `data/seed_manifests/${name}.json`);
  await writeFile(place, JSON.stringify(manifest));
  return place;
}
