import type { CatalogReader } from '../../catalog/catalog.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConflictError } from '../../errors/tidemark-error.ts';
import { runsInProgress } from '../../evidence/run-leases.ts';

/**
 * A run that holds the manifest's lease has read where it begins already.
 * @throws ConflictError run_in_progress
 */
export async function refuseWhileHeld(catalog: CatalogReader, manifestId: string): Promise<void> {
  const running = await runsInProgress(catalog);
  const own = running.find(({ resource }) => resource === `manifest:${manifestId}`);
  if (own === undefined) return;
  throw new ConflictError({
    code: ERROR_CODES.run_in_progress,
    message: `Run ${own.runId} of ${manifestId} is in progress (process ${own.pid}, since ${own.since}).`,
    next: 'Nothing was changed. Wait until it has ended (tidemark status shows it), then plan again.',
  });
}
