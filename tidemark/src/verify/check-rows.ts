import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import { findRun } from '../catalog/runs.ts';
import { findPreparation } from '../catalog/units.ts';
import type { Symptom } from '../incident/symptom.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import { anchorValues } from '../model/anchors.ts';
import { type Digest, EMPTY_DIGEST, mergeDigests } from '../model/digest.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';
import { reportFile } from './check-data-files.ts';
import { type ExpectedRows, judgeRows } from './judge-rows.ts';
import type { LedgerRow } from './ledger.ts';
import { replay, undoForeign } from './mending.ts';
import { type AnchoredRows, type Footer, readAnchors, readFooters, unreadableOf } from './read-rows.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/** Data files that are read with one statement. */
const FILES_AT_ONCE = 200;

/**
 * Reads the rows of every unit back: footers, anchors of files and rows, and the digest of their fingerprints, each
 * against what the unit committed.
 */
export async function checkRows(verification: Verification, tables: readonly ReadTable[]): Promise<void> {
  const { findings, engine } = verification;
  findings.begin('rows');
  for (const { table } of tables) {
    if (!findings.hasSeen(table)) continue;
    for (const units of chunks(verification, table)) {
      engine.signal.throwIfAborted();
      await checkUnits(verification, { table, units });
    }
  }
}

interface UnitFiles {
  readonly unitKey: string;
  readonly preparedBy: string;
  /** Those that the head lists, times it does. */
  readonly files: readonly LedgerRow[];
  readonly unlisted: number;
}

/** Units of a table with their files, so many that their files make one reading. */
function* chunks({ ledger }: Verification, table: string): Generator<UnitFiles[]> {
  const rows = ledger.rows(
    `SELECT c.unit_key, c.prepared_by, f.*, u.manifest_id, u.batch_id, u.source_id
     FROM units u JOIN claims c ON c.unit_key = u.unit_key AND c.prepared_by = u.prepared_by
     LEFT JOIN files f ON f.table_name = c.table_name AND f.name = c.name AND f.listed > 0
     WHERE c.table_name = ? ORDER BY c.unit_key`,
    table,
  );
  const chunk: { unitKey: string; preparedBy: string; files: LedgerRow[]; unlisted: number }[] = [];
  let held = 0;
  for (const row of rows) {
    let unit = chunk.at(-1);
    if (unit === undefined || unit.unitKey !== row.unit_key) {
      if (held >= FILES_AT_ONCE) {
        yield chunk.splice(0);
        held = 0;
      }
      unit = { unitKey: String(row.unit_key), preparedBy: String(row.prepared_by), files: [], unlisted: 0 };
      chunk.push(unit);
    }
    held += 1;
    if (row.listed === null) unit.unlisted += 1;
    else unit.files.push(row);
  }
  if (chunk.length > 0) yield chunk;
}

async function checkUnits(
  verification: Verification,
  { table, units }: { table: string; units: readonly UnitFiles[] },
): Promise<void> {
  const { ledger, findings, openEngine } = verification;
  const isDamaged = (unitKey: string) =>
    ledger.has('SELECT 1 FROM damaged WHERE unit_key = ? AND table_name = ?', unitKey, table);
  let whole = units.filter(({ unitKey }) => !isDamaged(unitKey));
  let read = await readFiles(verification, { table, units: whole });
  if (read === null) {
    const files = whole.flatMap((unit) => unit.files);
    const paths = [...new Set(files.map(({ path }) => String(path)))];
    const unreadable = await unreadableOf(openEngine, { table, paths });
    for (const file of files) {
      const why = unreadable.get(String(file.path));
      if (why !== undefined)
        reportFile(verification, { file, kind: 'data_file_altered', why: `cannot be read: ${why}` });
    }
    whole = whole.filter(({ unitKey }) => !isDamaged(unitKey));
    read = await readFiles(verification, { table, units: whole });
  }
  for (const unit of whole) {
    const expected = await expectedOf(verification, { table, unit });
    if (expected === null) continue;
    const rows = read?.rows.get(unit.unitKey) ?? [];
    findings.checked(
      'rows',
      rows.reduce((sum, { digest }) => sum + digest.count, 0),
    );
    for (const symptom of footerFaults(unit, { expected, footers: read?.footers ?? new Map() }))
      findings.found('rows', symptom);
    const strays = [
      ...ledger.rows('SELECT * FROM strays WHERE table_name = ? AND unit_key = ?', table, unit.unitKey),
    ];
    const listedTwice = unit.files.filter(({ listed }) => Number(listed) > 1).length;
    for (const symptom of judgeRows({
      expected,
      rows,
      strays,
      unlisted: unit.unlisted,
      listedTwice,
      setBack: undoForeign(verification, table),
    })) {
      findings.found('rows', symptom);
      if (symptom.kind.startsWith('anchor')) continue;
      ledger.run('INSERT INTO damaged VALUES (?, ?) ON CONFLICT DO NOTHING', unit.unitKey, table);
    }
  }
}

interface ReadFiles {
  readonly rows: ReadonlyMap<string, AnchoredRows[]>;
  readonly footers: ReadonlyMap<string, Footer>;
}

/** Null: something in them cannot be read. Whose a row is, its own columns say. */
async function readFiles(
  { openEngine, engine: { signal } }: Verification,
  { table, units }: { table: string; units: readonly UnitFiles[] },
): Promise<ReadFiles | null> {
  // Units whose rows were compacted share their files.
  const paths = [...new Set(units.flatMap(({ files }) => files.map(({ path }) => String(path))))];
  if (paths.length === 0) return { rows: new Map(), footers: new Map() };
  await using engine = await openEngine();
  try {
    const footers = await readFooters(engine, paths);
    const rows: AnchoredRows[] = await Array.fromAsync(readAnchors(engine, { table, paths }));
    return {
      rows: Map.groupBy(rows, ({ unitKey }) => unitKey ?? ''),
      footers: new Map(footers.map((footer) => [footer.path, footer])),
    };
  } catch (error) {
    signal.throwIfAborted();
    return nullUnlessAway(error);
  }
}

async function expectedOf(
  { catalog }: Verification,
  { table, unit: { unitKey, preparedBy } }: { table: string; unit: UnitFiles },
): Promise<ExpectedRows | null> {
  const text = await findPreparation(catalog, { unitKey, preparedBy });
  const row = await catalog
    .selectFrom('units')
    .select(['manifest_id', 'batch_id'])
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .executeTakeFirst();
  if (text === null || row === undefined) return null;
  const unit = decodeUnit(text);
  const { manifest_id: manifestId, batch_id: batchId } = row;
  const traceId = (await findRun(catalog, preparedBy))?.traceId ?? '';
  const { sourceFingerprint } = unit;
  const anchors = anchorValues({ manifestId, batchId, runId: preparedBy, sourceFingerprint, traceId });
  return { table, unit, manifestId, batchId, anchors, digest: digestIn(unit, table) };
}

function digestIn(unit: PreparedUnit, table: string): Digest {
  const { accepted, rejected, duplicate, out_of_window: outOfWindow } = unit.digests;
  if (table === REJECTS_TABLE) return mergeDigests([rejected, unit.digests.quarantined ?? EMPTY_DIGEST]);
  if (table === SKIPS_TABLE) return mergeDigests([duplicate, outOfWindow]);
  const records = unit.files.find((entry) => entry.table === table)?.records ?? 0;
  return table === QUARANTINE_TABLE ? { ...EMPTY_DIGEST, count: records } : accepted;
}

function* footerFaults(
  unit: UnitFiles,
  { expected, footers }: { expected: ExpectedRows; footers: ReadFiles['footers'] },
): Generator<Symptom> {
  // A compacted file is nobody's own: there the anchors are in the rows alone.
  const shared = filesInTable(expected.unit, expected.table)?.shared === true;
  const wanted = shared ? {} : { ...expected.anchors, unit_key: unit.unitKey };
  for (const file of unit.files) {
    const footer = footers.get(String(file.path));
    if (footer === undefined) continue;
    const about = {
      manifestId: expected.manifestId,
      batchId: expected.batchId,
      sourceId: expected.unit.sourceId,
      table: expected.table,
      runId: unit.preparedBy,
      distinction: String(file.name),
      query: `SELECT * FROM parquet_kv_metadata('${file.path}')`,
      suggestion: replay(expected),
    };
    const missing = Object.keys(wanted).filter((name) => !footer.keys.get(name));
    const differing = Object.entries(wanted).filter(([name, value]) => {
      const told = footer.keys.get(name);
      return told !== undefined && told !== '' && told !== value;
    });
    const facts = { units: [unit.unitKey], missing, differing: Object.fromEntries(differing) };
    const subject = `Data file ${file.name} of bronze.${expected.table}`;
    if (footer.records !== Number(file.records)) {
      const message = `${subject} holds ${footer.records} rows by its footer; its manifest says ${file.records}.`;
      const counts = { ...facts, records: Number(file.records), footerRecords: footer.records };
      yield { ...about, kind: 'data_file_altered', message, facts: counts };
    }
    if (missing.length > 0)
      yield {
        ...about,
        kind: 'anchor_missing',
        message: `${subject} lacks ${missing.join(', ')} in its metadata.`,
        facts,
      };
    if (differing.length > 0) {
      const names = differing.map(([name]) => name).join(', ');
      const message = `${subject} names another ${names} in its metadata than its unit.`;
      yield { ...about, kind: 'anchor_dangling', message, facts };
    }
  }
}
