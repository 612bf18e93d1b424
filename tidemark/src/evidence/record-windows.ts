import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { CatalogTransaction } from '../catalog/catalog.ts';
import { unitsCommittedBy } from '../catalog/units.ts';
import { recordVerification } from '../catalog/verifications.ts';
import type { Verdict } from './reconcile.ts';
import { settledWindows } from './settled-windows.ts';

/** Keeps what reconciling a run came to for each window that it settled, and moves verified-through by it. */
export async function recordWindows(
  tx: CatalogTransaction,
  { runId, latenessMs, verdict, now }: { runId: string; latenessMs: number; verdict: Verdict; now: string },
): Promise<void> {
  const units = (await unitsCommittedBy(tx, runId)).map(decodeUnit);
  for (const window of await settledWindows(tx, { units, latenessMs }))
    await recordVerification(tx, { ...window, verdict, runId, now });
}
