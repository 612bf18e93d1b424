import type { CatalogReader } from '../catalog/catalog.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { restoreCatalog } from '../evidence/restore-catalog.ts';
import { contradictionsOf } from './contradictions.ts';
import { looseEnds } from './loose-ends.ts';
import { repairCatalog } from './mending.ts';
import { isWhole } from './scope.ts';
import { standingContradictions } from './standing-contradictions.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';
import { walkRuns } from './walk-runs.ts';

/** Holds the catalog's rows against the sealed evidence of every run, and its references against one another. */
export async function checkCatalog(verification: Verification, tables: readonly ReadTable[]): Promise<void> {
  const { catalog, scope, findings, engine } = verification;
  if (scope.batches === null && scope.table !== null) return;
  findings.begin('catalog');
  for await (const told of walkRuns(catalog, scope)) {
    engine.signal.throwIfAborted();
    findings.checked('catalog');
    const of = told.report ?? told.run;
    for await (const contradiction of contradictionsOf(catalog, { told, tables })) {
      const { mend, suggestion, ...about } = contradiction;
      findings.found('catalog', {
        kind: 'catalog_contradicts_evidence',
        manifestId: of?.manifestId ?? null,
        batchId: of?.batchId ?? null,
        runId: told.runId,
        ...about,
        suggestion: suggestion ?? (mend === null ? restoreCatalog(engine.catalogAt) : repairCatalog()),
      });
    }
  }
  if (!isWhole(scope)) return;
  for await (const { mend, suggestion, ...about } of standingContradictions(catalog)) {
    findings.found('catalog', {
      kind: 'catalog_contradicts_evidence',
      manifestId: null,
      batchId: null,
      runId: null,
      ...about,
      suggestion: suggestion ?? (mend === null ? restoreCatalog(engine.catalogAt) : repairCatalog()),
    });
  }
  for (const { subject, column, id, count } of await looseEnds(catalog)) {
    const sealed = column === 'run_id' && (await isSealed(catalog, id));
    findings.found('catalog', {
      kind: 'anchor_dangling',
      manifestId: null,
      batchId: null,
      sourceId: null,
      table: null,
      runId: null,
      distinction: `${subject} ${id}`,
      message: `${count} ${subject} of the catalog lead to ${WHAT[column]} ${id}, which it does not have.`,
      facts: { subject, column, id, count },
      query: nextCommand('show', id),
      suggestion: sealed ? repairCatalog() : restoreCatalog(engine.catalogAt),
    });
  }
}

const WHAT = { run_id: 'run', manifest_hash: 'manifest content', contract_hash: 'contract' } as const;

async function isSealed(catalog: CatalogReader, runId: string): Promise<boolean> {
  const row = await catalog
    .selectFrom('evidence')
    .select('run_id')
    .where('run_id', '=', runId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
