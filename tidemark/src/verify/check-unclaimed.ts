import { nextCommand } from '../evidence/next-command.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { reportFile } from './check-data-files.ts';
import { knowsEveryClaim } from './claimed-files.ts';
import type { LedgerRow } from './ledger.ts';
import { repairCatalog, undoForeign } from './mending.ts';
import { readAnchors } from './read-rows.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/**
 * Live data files that no unit of the catalog claims: another engine wrote them, or the catalog has lost the unit. Their
 * rows are entered as strays, so that a unit whose rows another engine moved is found whole; rows without anchors are
 * nobody's.
 */
export async function checkUnclaimed(
  verification: Verification,
  tables: readonly ReadTable[],
): Promise<void> {
  const { ledger, engine, openEngine } = verification;
  if (!knowsEveryClaim(verification)) return;
  for (const { table } of tables) {
    const files = ledger.rows(
      `SELECT f.* FROM files f WHERE f.table_name = ? AND f.listed > 0
       AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.table_name = f.table_name AND c.name = f.name
                       AND c.state = 'committed')`,
      table,
    );
    for (const file of files) {
      engine.signal.throwIfAborted();
      await using duck = await openEngine();
      try {
        await enterRows(verification, {
          file,
          rows: readAnchors(duck, { table, paths: [String(file.path)] }),
        });
      } catch (error) {
        engine.signal.throwIfAborted();
        throwIfAway(error);
        const [why] = (error as Error).message.split('\n');
        reportFile(verification, {
          file: { ...file, unit_key: null },
          kind: 'data_file_altered',
          why: `cannot be read: ${why}`,
        });
      }
    }
  }
}

async function enterRows(
  verification: Verification,
  { file, rows }: { file: LedgerRow; rows: ReturnType<typeof readAnchors> },
): Promise<void> {
  const { ledger, findings } = verification;
  const table = String(file.table_name);
  const snapshotId = String(file.snapshot_id);
  let nobodys = 0;
  for await (const { unitKey, outcome, digest, anchors } of rows) {
    const lacking = unitKey === null || Object.values(anchors).includes(null);
    if (lacking) nobodys += digest.count;
    if (unitKey === null) continue;
    ledger.run(
      'INSERT INTO strays VALUES (?, ?, ?, ?, ?, ?, ?)',
      table,
      unitKey,
      outcome,
      digest.count,
      digest.sum.toString(16),
      snapshotId,
      String(file.path),
    );
  }
  const own = ledger.has(
    'SELECT 1 FROM snapshots WHERE table_name = ? AND snapshot_id = ?',
    table,
    snapshotId,
  );
  const about = {
    manifestId: null,
    batchId: null,
    sourceId: null,
    table,
    runId: null,
    facts: { path: String(file.path), snapshotId, records: Number(file.records) },
  };
  const adopted = !own && verification.engine.foreignSnapshots === 'adopt';
  if (nobodys > 0 && !adopted) {
    findings.found('rows', {
      ...about,
      kind: 'anchor_missing',
      distinction: `snapshot ${snapshotId}`,
      message: `${nobodys} rows of bronze.${table} that snapshot ${snapshotId} brought lack an anchor: nothing says where they came from.`,
      query: `SELECT * FROM bronze.${table} WHERE unit_key IS NULL OR run_id IS NULL`,
      suggestion: own
        ? repairCatalog()
        : (undoForeign(verification, table) ?? nextCommand('show', snapshotId)),
    });
  }
  if (own) {
    findings.found('rows', {
      ...about,
      kind: 'catalog_contradicts_evidence',
      distinction: String(file.name),
      message: `Data file ${file.name} of bronze.${table} was committed with snapshot ${snapshotId}, and no committed unit of the catalog claims it.`,
      query: nextCommand('show', snapshotId),
      suggestion: repairCatalog(),
    });
  }
}
