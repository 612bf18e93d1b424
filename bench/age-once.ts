// Commits many small batches to one table in one process, and prints what a commit costs as the table gets older, as JSON:
//   node age-once.ts <commits> <scratch>
// Every commit goes through the engine's own commit and the maintenance that a run does after it; its data file is written
// before the clock starts, so that the time measured is that of metadata, catalog and maintenance.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTableMetadata } from '../tidemark/src/bronze/iceberg/metadata-file.ts';
import { currentSnapshot } from '../tidemark/src/bronze/iceberg/table-metadata.ts';
import { pathOf, tableIo } from '../tidemark/src/bronze/table-io.ts';
import { findTable } from '../tidemark/src/catalog/iceberg-tables.ts';
import { commitSmallBatches, type SmallBatches } from './small-batches.ts';

/** At so many commits; times are means since the age before. */
export interface Age {
  readonly commits: number;
  readonly commitSeconds: number;
  readonly upkeepSeconds: number;
  readonly cpuSeconds: number;
  readonly slowestSeconds: number;
  readonly metadataBytes: number;
  readonly manifestListBytes: number;
  readonly snapshots: number;
  readonly dataFiles: number;
  readonly folderBytes: number;
}

const MARKS = [1, 10, 100, 1_000, 2_000, 5_000, 10_000];

async function ageOf(small: SmallBatches): Promise<Omit<Age, 'commits' | `${string}Seconds`>> {
  const pointer = await findTable(small.engine.catalog, small.table);
  const { metadata } = await readTableMetadata(tableIo, pointer?.metadataLocation ?? '');
  const head = currentSnapshot(metadata);
  const size = async (uri: string) => (await stat(pathOf(uri))).size;
  return {
    metadataBytes: await size(pointer?.metadataLocation ?? ''),
    manifestListBytes: await size(head?.['manifest-list'] ?? ''),
    snapshots: metadata.snapshots.length,
    dataFiles: Number(head?.summary['total-data-files'] ?? 0),
    folderBytes: await folderBytes(small.engine.home.tableDir(small.table)),
  };
}

async function folderBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

async function ages(commits: number, root: string): Promise<Age[]> {
  const found: Age[] = [];
  const small = await commitSmallBatches({ root });
  const marks = new Set([...MARKS, commits]);
  let since = { commit: 0, upkeep: 0, cpu: 0, slowest: 0, count: 0 };
  for (let number = 1; number <= commits; number += 1) {
    const { commitSeconds, upkeepSeconds, cpuSeconds } = await small.commit(number);
    since = {
      commit: since.commit + commitSeconds,
      upkeep: since.upkeep + upkeepSeconds,
      cpu: since.cpu + cpuSeconds,
      slowest: Math.max(since.slowest, commitSeconds + upkeepSeconds),
      count: since.count + 1,
    };
    if (!marks.has(number)) continue;
    found.push({
      commits: number,
      commitSeconds: since.commit / since.count,
      upkeepSeconds: since.upkeep / since.count,
      cpuSeconds: since.cpu / since.count,
      slowestSeconds: since.slowest,
      ...(await ageOf(small)),
    });
    since = { commit: 0, upkeep: 0, cpu: 0, slowest: 0, count: 0 };
  }
  await small.close();
  return found;
}

const [commits = '', scratch = ''] = process.argv.slice(2);
const root = await mkdtemp(join(scratch, 'bench-age-'));
try {
  process.stdout.write(JSON.stringify(await ages(Number(commits), root)));
} finally {
  await rm(root, { recursive: true, force: true });
}
