import { rm } from 'node:fs/promises';
import { listAllTables } from '../catalog/iceberg-tables.ts';
import { acquireLease, type Lease, releaseLease } from '../catalog/leases.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import { removeAttempt, removeExpired } from './remove-files.ts';

/** One maintenance at a time; runs are kept out by the compare-and-swap alone, so they never wait for it. */
const RESOURCE = 'maintenance';

/**
 * Does work as the one maintainer. What one that died left is ended first: files that it let go of are removed, those of
 * its lost attempt too.
 * @throws ConflictError maintenance_in_progress
 */
export async function withMaintenanceLease<T>(
  engine: MaintenanceEngine,
  work: (held: { lease: Lease; operationId: string }) => Promise<T>,
): Promise<T> {
  const { catalog, clock, home } = engine;
  const operationId = clock.newRunId();
  const now = clock.now().toISOString();
  const attempt = await acquireLease(catalog, { resource: RESOURCE, runId: operationId, now });
  if (attempt.kind === 'busy') {
    throw new ConflictError({
      code: ERROR_CODES.maintenance_in_progress,
      message: `Maintenance ${attempt.runId} is in progress (process ${attempt.holder.pid}, since ${attempt.since}).`,
      next: 'Nothing was changed. Wait until it has ended, then: tidemark maintain',
    });
  }
  const { lease, supersededRunId } = attempt;
  try {
    if (supersededRunId !== null) {
      await rm(home.scratchDir(supersededRunId), { recursive: true, force: true });
      for (const { table } of await listAllTables(catalog)) {
        await removeExpired(engine, table);
        await removeAttempt(engine, { table, operationId: supersededRunId });
      }
    }
    return await work({ lease, operationId });
  } finally {
    await rm(home.scratchDir(operationId), { recursive: true, force: true });
    await releaseLease(catalog, lease);
  }
}
