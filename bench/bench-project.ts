import { copyFile, cp, link, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TicketFile } from './ticket-file.ts';
import { BENCH_BATCH_ID, BENCH_SOURCE_ID } from './ticket-lines.ts';
import { ticketManifest } from './ticket-manifest.ts';

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
  const manifest = ticketManifest({
    name: 'bench',
    batchId: BENCH_BATCH_ID,
    sourceId: BENCH_SOURCE_ID,
    path: declared,
    sizeBytes: tickets.planted.size_bytes,
    sha256: tickets.planted.checksum_sha256,
  });
  await writeFile(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
  return {
    root,
    manifestPath,
    ticketsPath,
    place: (name) => join(root, name),
    remove: async () => await rm(root, { recursive: true, force: true }),
  };
}
