import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo } from '../bronze/table-io.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { expiredFiles, forgetExpiredFiles } from '../catalog/maintenance.ts';
import { removeStored } from '../landing/store/stored-files.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import { forgottenMetadata, orphanFiles } from './stored-files.ts';

/** Removes what a table has let go of. A second time does nothing; stopped in between, the next one goes on. */
export async function removeExpired({ catalog }: MaintenanceEngine, table: string): Promise<number> {
  let removed = 0;
  for (;;) {
    const uris = await expiredFiles(catalog, table);
    if (uris.length === 0) return removed;
    for (const uri of uris) await tableIo.remove(uri);
    await forgetExpiredFiles(catalog, uris);
    removed += uris.length;
  }
}

/** Removes earlier metadata files that the table, as it is now, no longer remembers. */
export async function removeForgottenMetadata(
  { catalog }: MaintenanceEngine,
  table: string,
): Promise<number> {
  const pointer = await findTable(catalog, table);
  if (pointer === null) return 0;
  const files = await forgottenMetadata(await readTableMetadata(tableIo, pointer.metadataLocation));
  for (const { path } of files) await removeStored(path);
  return files.length;
}

/** Removes files that a plan names as nobody's, those that still are. */
export async function removeOrphans(
  engine: MaintenanceEngine,
  { table, paths }: { table: string; paths: readonly string[] },
): Promise<number> {
  if (paths.length === 0) return 0;
  const olderThanMs = engine.clock.now().getTime() - engine.limits.orphanAgeMs;
  const still = new Set((await orphanFiles(engine, { table, olderThanMs })).map(({ path }) => path));
  const removed = paths.filter((path) => still.has(path));
  for (const path of removed) await removeStored(path);
  return removed.length;
}

/** What an operation left that died before its commit: files that bear its id and that no snapshot refers to. */
export async function removeAttempt(
  engine: MaintenanceEngine,
  { table, operationId }: { table: string; operationId: string },
): Promise<void> {
  for (const { path } of await orphanFiles(engine, { table, olderThanMs: Number.POSITIVE_INFINITY }))
    if (path.includes(operationId)) await removeStored(path);
}
