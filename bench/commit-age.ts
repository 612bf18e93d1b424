// Commits many small batches to one table in one process, and prints what a commit costs as the table gets older:
//   node bench/commit-age.ts [--commits 10000] [--unmaintained] [--dir <scratch>]
// Every commit goes through the engine's own commit and the maintenance that a run does after it; its data file is written
// before the clock starts, so that the time measured is that of metadata, catalog and maintenance.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTableMetadata } from '../tidemark/src/bronze/iceberg/metadata-file.ts';
import { currentSnapshot } from '../tidemark/src/bronze/iceberg/table-metadata.ts';
import { tableIo } from '../tidemark/src/bronze/table-io.ts';
import { findTable } from '../tidemark/src/catalog/iceberg-tables.ts';
import { commitSmallBatches } from './small-batches.ts';

const { values } = parseArgs({
  options: {
    commits: { type: 'string', default: '1000' },
    unmaintained: { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
  },
});
const commits = Number(values.commits);
const root = await mkdtemp(join(values.dir, 'tidemark-commit-age-'));
try {
  const small = await commitSmallBatches({ root, maintained: !values.unmaintained });
  const marks = new Set([1, 10, 100, 1_000, 2_000, 5_000, 10_000, commits]);
  let since = { commit: 0, maintenance: 0, cpu: 0, slowest: 0, count: 0 };
  print([
    'commits',
    'commit ms',
    'slowest ms',
    'upkeep ms',
    'CPU ms',
    'metadata.json',
    'manifest list',
    'snapshots',
    'files',
    'folder MiB',
  ]);
  for (let number = 1; number <= commits; number += 1) {
    const { commitMs, maintenanceMs, cpuMs } = await small.commit(number);
    since = {
      commit: since.commit + commitMs,
      maintenance: since.maintenance + maintenanceMs,
      cpu: since.cpu + cpuMs,
      slowest: Math.max(since.slowest, commitMs + maintenanceMs),
      count: since.count + 1,
    };
    if (!marks.has(number)) continue;
    const pointer = await findTable(small.engine.catalog, small.table);
    const { metadata } = await readTableMetadata(tableIo, pointer?.metadataLocation ?? '');
    const head = currentSnapshot(metadata);
    const size = async (uri: string) => (await stat(uri.replace('file://', ''))).size;
    print([
      number,
      (since.commit / since.count).toFixed(1),
      since.slowest.toFixed(0),
      (since.maintenance / since.count).toFixed(1),
      (since.cpu / since.count).toFixed(1),
      await size(pointer?.metadataLocation ?? ''),
      await size(head?.['manifest-list'] ?? ''),
      metadata.snapshots.length,
      head?.summary['total-data-files'] ?? 0,
      ((await folderBytes(small.engine.home.tableDir(small.table))) / 1_048_576).toFixed(1),
    ]);
    since = { commit: 0, maintenance: 0, cpu: 0, slowest: 0, count: 0 };
  }
  await small.close();
} finally {
  await rm(root, { recursive: true, force: true });
}

function print(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(13)).join(' ')}\n`);
}

async function folderBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
