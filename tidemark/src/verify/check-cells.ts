import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { findRun } from '../catalog/runs.ts';
import { findPreparation } from '../catalog/units.ts';
import type { Symptom } from '../incident/symptom.ts';
import { digestsEqual, EMPTY_DIGEST, formatDigest, mergeDigests } from '../model/digest.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import { compareCells, type DifferingCells } from './compare-cells.ts';
import type { LedgerRow } from './ledger.ts';
import { replay } from './mending.ts';
import { refineAgain } from './refine-again.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/**
 * Refines every unit from its raw bytes once more and compares cell by cell with its rows: the fingerprints that rows
 * carry prove nothing about their columns. One unit at a time, in scratch.
 */
export async function checkCells(verification: Verification, tables: readonly ReadTable[]): Promise<void> {
  const { ledger, findings, engine } = verification;
  findings.begin('cells');
  for (const read of tables) {
    if (read.table === QUARANTINE_TABLE || !findings.hasSeen(read.table)) continue;
    for (const row of ledger.rows('SELECT * FROM units WHERE table_name = ?', read.table)) {
      engine.signal.throwIfAborted();
      if (
        ledger.has(
          'SELECT 1 FROM damaged WHERE unit_key = ? AND table_name = ?',
          String(row.unit_key),
          read.table,
        )
      )
        continue;
      const scratchDir = join(verification.scratchDir, 'cells');
      try {
        await checkUnit(verification, { read, row, scratchDir });
      } finally {
        await rm(scratchDir, { recursive: true, force: true });
      }
    }
  }
}

async function checkUnit(
  verification: Verification,
  { read, row, scratchDir }: { read: ReadTable; row: LedgerRow; scratchDir: string },
): Promise<void> {
  const { catalog, findings } = verification;
  const [unitKey, preparedBy] = [String(row.unit_key), String(row.prepared_by)];
  const text = await findPreparation(catalog, { unitKey, preparedBy });
  const run = await findRun(catalog, preparedBy);
  if (text === null || run === null) {
    findings.couldNotSee('cells', String(row.source_id), 'the catalog has lost the run that prepared it');
    return;
  }
  const unit = decodeUnit(text);
  const again = await refineAgain(verification, { unit, run, scratchDir });
  if (again.kind === 'impossible') {
    findings.couldNotSee('cells', unit.sourceId, again.why);
    return;
  }
  const { refined, contract } = again;
  const of = { unit, manifestId: String(row.manifest_id), batchId: String(row.batch_id) };
  const outcomes = differingOutcomes(unit, refined);
  if (outcomes.length > 0) findings.found('cells', otherRecords(of, outcomes));
  const files = [
    ...verification.ledger.rows(
      `SELECT f.path FROM claims c JOIN files f USING (table_name, name)
       WHERE c.unit_key = ? AND c.prepared_by = ? AND c.table_name = ? AND f.listed > 0
       UNION SELECT path FROM strays WHERE unit_key = ? AND table_name = ?`,
      unitKey,
      preparedBy,
      read.table,
      unitKey,
      read.table,
    ),
  ];
  if (files.length === 0) return;
  const cells = await compareCells(verification.openEngine, {
    unitKey,
    files: files.map(({ path }) => String(path)),
    refined,
    contract,
    schema: read.metadata,
  });
  findings.checked('cells', cells.compared);
  if (cells.differing > 0) findings.found('cells', otherCells(of, cells));
}

function differingOutcomes(unit: PreparedUnit, refined: RefinedUnit): string[] {
  const { digests } = unit;
  const pairs = [
    ['read', digests.read, refined.read],
    ['accepted and duplicate', mergeDigests([digests.accepted, digests.duplicate]), refined.accepted],
    ['out_of_window', digests.out_of_window, refined.outOfWindow],
    ['rejected', digests.rejected, refined.rejected],
    ['quarantined', digests.quarantined ?? EMPTY_DIGEST, refined.quarantined],
  ] as const;
  return pairs.flatMap(([name, before, now]) =>
    digestsEqual(before, now) ? [] : [`${name} ${formatDigest(before)}, now ${formatDigest(now)}`],
  );
}

interface Of {
  readonly unit: PreparedUnit;
  readonly manifestId: string;
  readonly batchId: string;
}

function otherRecords(of: Of, outcomes: readonly string[]): Symptom {
  const { unit, batchId } = of;
  return {
    ...about(of, 'records'),
    message: `The raw bytes of ${unit.sourceId} in batch ${batchId} come to other records than were committed: ${outcomes.join('; ')}.`,
    facts: { outcomes, units: [unit.unitKey] },
  };
}

function otherCells(of: Of, { differing, compared, rows }: DifferingCells): Symptom {
  const { unit, batchId } = of;
  const columns = [...new Set(rows.flatMap((entry) => entry.columns))];
  const lines = rows
    .slice(0, 5)
    .map(({ line, fingerprint }) => (line === null ? fingerprint : `line ${line}`));
  return {
    ...about(of, 'cells'),
    message: `${differing} of ${compared} rows of ${unit.sourceId} in batch ${batchId} hold other cells in bronze.${unit.table} than their raw bytes come to (${columns.join(', ')}; ${lines.join(', ')}).`,
    facts: { differing, compared, rows, units: [unit.unitKey] },
  };
}

function about({ unit, manifestId, batchId }: Of, what: string) {
  return {
    kind: 'bronze_cells_differ' as const,
    manifestId,
    batchId,
    sourceId: unit.sourceId,
    table: unit.table,
    runId: unit.preparedBy,
    distinction: `${what} of unit ${unit.unitKey.slice(0, 16)}`,
    query: `SELECT * FROM bronze.${unit.table} WHERE unit_key = '${unit.unitKey}'`,
    suggestion: replay({ manifestId, batchId }),
  };
}
