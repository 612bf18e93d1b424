import { copyFile, cp, link, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceManifest } from '../tidemark/src/manifest/source-manifest.ts';
import type { TicketFile } from './ticket-file.ts';
import { BENCH_BATCH_ID, BENCH_SOURCE_ID } from './ticket-lines.ts';

/** A throw-away project whose one manifest declares the ticket file with its true size and sum. */
export interface BenchProject {
  readonly root: string;
  readonly manifestPath: string;
  /** The ticket file as the project sees it. */
  readonly ticketsPath: string;
  /** A folder or file of the project that is not there yet. */
  place(name: string): string;
  remove(): Promise<void>;
}

const CONTRACTS = join(import.meta.dirname, '../contracts/data');

export async function benchProject({
  scratchDir,
  tickets,
}: {
  scratchDir: string;
  tickets: TicketFile;
}): Promise<BenchProject> {
  await mkdir(scratchDir, { recursive: true });
  const root = await mkdtemp(join(scratchDir, 'bench-project-'));
  await cp(CONTRACTS, join(root, 'contracts/data'), { recursive: true });
  const declared = 'data/tickets.jsonl';
  const ticketsPath = join(root, declared);
  const manifestPath = join(root, 'data/seed_manifests/bench.json');
  await mkdir(join(root, 'data/seed_manifests'), { recursive: true });
  // One copy of a large file is enough, where both are on one file system.
  await link(tickets.path, ticketsPath).catch(() => copyFile(tickets.path, ticketsPath));
  // As a delivered file is: not modified within the seconds before it is read.
  const delivered = new Date(Date.now() - 3_600_000);
  await utimes(ticketsPath, delivered, delivered);
  await writeFile(manifestPath, `${JSON.stringify(manifestOf(tickets, declared), null, 2)}\n`);
  return {
    root,
    manifestPath,
    ticketsPath,
    place: (name) => join(root, name),
    remove: async () => await rm(root, { recursive: true, force: true }),
  };
}

function manifestOf({ planted }: TicketFile, declared: string): SourceManifest {
  return {
    manifest_id: 'manifest-bench-20260401-001',
    schema_version: 'source_manifest_v1',
    batch_id: BENCH_BATCH_ID,
    modality: 'structured',
    source_type: 'ticket_export',
    license_tag: 'course_synthetic',
    contract_ref: 'omni://contracts/data/ticket/v1',
    load_mode: 'full_snapshot',
    created_at: '2026-04-01T08:00:00Z',
    owner: 'data-platform',
    assets: [
      {
        source_id: BENCH_SOURCE_ID,
        source_url_or_path: declared,
        asset_type: 'jsonl',
        size_bytes: planted.size_bytes,
        checksum_sha256: planted.checksum_sha256,
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
  };
}
