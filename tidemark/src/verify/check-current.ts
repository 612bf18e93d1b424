import {
  columnsOf,
  enterSplits,
  keyedRows,
  standingOf,
  type Versions,
} from '../bronze/current/version-rows.ts';
import { sqlName } from '../bronze/data-engine.ts';
import { rowsSnapshotId } from '../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { currentSchema, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import { findTable, listCurrent, type TablePointer } from '../catalog/iceberg-tables.ts';
import { splitsOf } from '../catalog/unit-splits.ts';
import { foldHead } from '../commit/open-current.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Symptom } from '../incident/symptom.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { placeOf } from '../model/table-names.ts';
import type { Verification } from './verification.ts';

/** Keys that a symptom names. */
const KEYS_NAMED_MAX = 10;

/** Every table of newest versions: it holds, cell by cell, what folding Bronze anew gives, and nothing else. */
export async function checkCurrent(verification: Verification): Promise<void> {
  const { catalog, scope, findings, engine } = verification;
  if (scope.batches !== null) return;
  for (const pointer of await listCurrent(catalog)) {
    engine.signal.throwIfAborted();
    const { table } = pointer;
    if (scope.table !== null && scope.table !== table && scope.table !== placeOf(table).name) continue;
    findings.begin('newest versions');
    await checkTable(verification, pointer);
  }
}

async function checkTable(verification: Verification, { table, metadataLocation }: TablePointer) {
  const { catalog, findings } = verification;
  const bronze = await readBronze(verification, table);
  if (bronze === null) return;
  let metadata: TableMetadata;
  let paths: string[];
  try {
    metadata = (await readTableMetadata(tableIo, metadataLocation)).metadata;
    paths = await pathsOf(metadata);
  } catch (error) {
    throwIfAway(error);
    // Whoever wants it says by which rule.
    const why = `cannot be read: ${firstLine(error)}`;
    findings.found('newest versions', differs(table, { why, suggestion: nextCommand('run') }));
    return;
  }
  const { rule, foldedFrom } = foldHead(metadata);
  if (rule === null || foldedFrom !== String(rowsSnapshotId(bronze.metadata))) {
    const why = `is of snapshot ${foldedFrom ?? 'none'} of Bronze, whose head has other rows`;
    findings.found('newest versions', differs(table, { why, facts: { foldedFrom } }));
    return;
  }
  const versions = { rule, schema: currentSchema(metadata) };
  const splits = await splitsOf(catalog, { table: placeOf(table).name });
  await using duck = await verification.openEngine();
  await enterSplits(duck, splits);
  const expected = standingOf(versions, keyedRows(versions, bronze.paths));
  const compared = { expected, found: keyedRows(versions, paths), versions };
  try {
    const [row] = await duck.rows(differenceSql(compared));
    findings.checked('newest versions', Number(row?.keys ?? 0));
    const keys = Number(row?.differing ?? 0);
    if (keys === 0) return;
    const named = ((row?.named as { items?: unknown[] } | null)?.items ?? []).map(String);
    const why = `differs from what Bronze says in ${keys} keys, such as ${named.slice(0, 3).join(', ')}`;
    findings.found('newest versions', differs(table, { why, facts: { keys, named } }));
  } catch (error) {
    verification.engine.signal.throwIfAborted();
    throwIfAway(error);
    if (bronze.paths.some((path) => String((error as Error).message).includes(path))) {
      findings.couldNotSee('newest versions', table, 'data files of Bronze cannot be read');
      return;
    }
    const why = `cannot be read: ${firstLine(error)}`;
    findings.found('newest versions', differs(table, { why }));
  }
}

async function readBronze({ catalog, findings }: Verification, table: string) {
  try {
    const pointer = await findTable(catalog, placeOf(table).name);
    if (pointer !== null) {
      const { metadata } = await readTableMetadata(tableIo, pointer.metadataLocation);
      return { metadata, paths: await pathsOf(metadata) };
    }
  } catch (error) {
    throwIfAway(error);
  }
  findings.couldNotSee('newest versions', table, 'the table of Bronze cannot be read');
  return null;
}

async function pathsOf(metadata: TableMetadata): Promise<string[]> {
  const files = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
  return files.map(({ uri }) => pathOf(uri));
}

/** Rows of the one side count up and those of the other down: what is left over is on one side alone. */
function differenceSql({
  expected,
  found,
  versions: { schema, rule },
}: {
  expected: string;
  found: string;
  versions: Versions;
}): string {
  const side = (rows: string, weight: number) =>
    `SELECT ${sqlName(rule.key)}::VARCHAR AS key, hash(${columnsOf(schema)}) AS cells, ${weight} AS weight FROM (${rows})`;
  return `
    SELECT count(*) AS keys, count(*) FILTER (differs) AS differing,
           min(key, ${KEYS_NAMED_MAX}) FILTER (differs) AS named
    FROM (SELECT key, bool_or(surplus <> 0) AS differs
          FROM (SELECT key, cells, sum(weight) AS surplus
                FROM (${side(expected, 1)} UNION ALL ${side(found, -1)}) GROUP BY key, cells)
          GROUP BY key)`;
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n')[0] ?? '';
}

function differs(
  table: string,
  {
    why,
    facts = {},
    suggestion = nextCommand('maintain', table),
  }: { why: string; facts?: Symptom['facts']; suggestion?: string },
): Symptom {
  return {
    kind: 'current_differs',
    manifestId: null,
    batchId: null,
    sourceId: null,
    table,
    runId: null,
    distinction: '',
    message: `${table} ${why}.`,
    facts,
    query: nextCommand('show', table),
    suggestion,
  };
}
