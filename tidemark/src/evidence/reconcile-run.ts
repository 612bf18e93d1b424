import type { OpenEngine } from '../bronze/data-engine.ts';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { commitsOfRun } from '../catalog/commits.ts';
import { unitsCommittedBy } from '../catalog/units.ts';
import type { Archive } from './archive.ts';
import { checkObject, readBack } from './read-back.ts';
import {
  type Coverage,
  type ObjectFacts,
  type Reconciliation,
  reconcile,
  type TableFacts,
} from './reconcile.ts';
import type { RunReport } from './run-report.ts';

/**
 * The facts of a committed run, gathered from the catalog and the tables alone, and their verdict. `hash` takes the sums
 * of the raw objects again.
 */
export async function reconcileRun(options: {
  archive: Archive;
  openEngine: OpenEngine;
  report: RunReport;
  hash: boolean;
}): Promise<{ reconciliation: Reconciliation; tables: TableFacts[] }> {
  const { archive, report, hash } = options;
  const { catalog, home, limits, signal } = archive;
  const units = (await unitsCommittedBy(catalog, report.runId)).map(decodeUnit);
  const tables: TableFacts[] = [];
  const commits = await commitsOfRun(catalog, report.runId);
  // One for all tables: opening it takes longer than reading a small one back. A run that moved no table needs none.
  await using engine = commits.length === 0 ? null : await options.openEngine();
  for (const commit of commits) {
    if (engine !== null) tables.push(await readBack(engine, { catalog, commit, units }));
  }
  const rehash = hash ? { chunkBytes: limits.chunkBytes, signal } : null;
  const objects: ObjectFacts[] = [];
  for (const unit of units) {
    const facts = await checkObject({ catalog, home, unit, hash: rehash });
    if (facts !== null) objects.push(facts);
  }
  const coverage = coverageOf(report);
  return {
    reconciliation: reconcile({ units, tables, objects, assets: report.assetTally, coverage }),
    tables,
  };
}

function coverageOf(report: RunReport): Coverage {
  const inTables = new Set(['committed', 'already_committed']);
  const missing = report.assets.filter(({ outcome }) => !inTables.has(outcome));
  return {
    declared: report.assetTally.declared,
    landed: report.assets.filter(({ sourceFingerprint }) => sourceFingerprint !== null).length,
    committed: report.assets.length - missing.length,
    missing: missing.map(({ sourceId, outcome, reasons, findings }) => ({
      sourceId,
      why: `${outcome}: ${[...findings, ...reasons].map(({ rule }) => rule).join(', ')}`,
    })),
  };
}
