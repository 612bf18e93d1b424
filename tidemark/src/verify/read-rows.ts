import { type DataEngine, type OpenEngine, sqlList } from '../bronze/data-engine.ts';
import { digestColumns, foldLimbs } from '../bronze/deduplicate.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { ANCHOR_NAMES } from '../model/anchors.ts';
import type { Digest } from '../model/digest.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';

/** Rows that bear the same anchors. */
export interface AnchoredRows {
  readonly unitKey: string | null;
  readonly sourceId: string | null;
  readonly anchors: Readonly<Record<(typeof ANCHOR_NAMES)[number], string | null>>;
  readonly outcome: string;
  /** The quarantine table has no fingerprints: its digest counts and sums nothing. */
  readonly digest: Digest;
}

/** Reads the rows of data files of one table, by unit and anchors. One group a unit where all is well. */
export async function* readAnchors(
  engine: DataEngine,
  { table, paths }: { table: string; paths: readonly string[] },
): AsyncGenerator<AnchoredRows> {
  const names = [...ANCHOR_NAMES, 'unit_key', 'source_id'];
  const present = await columnsIn(engine, paths);
  const column = (name: string) => (present.has(name) ? name : `NULL::VARCHAR AS ${name}`);
  const fingerprint = present.has('record_fingerprint') ? fingerprintText() : "repeat('0', 32)";
  const columns = names.map(column).join(', ');
  const rows = `SELECT ${columns}, ${outcomeOf(table, present)} AS outcome, ${fingerprint} AS fp
    FROM read_parquet(${sqlList(paths)}, union_by_name = true)`;
  const sql = `SELECT ${names.join(', ')}, outcome, ${digestColumns('fp')} FROM (${rows}) GROUP BY ALL`;
  for await (const page of engine.stream(sql)) {
    for (const row of page) {
      const text = (name: string) => (row[name] === null || row[name] === '' ? null : String(row[name]));
      yield {
        unitKey: text('unit_key'),
        sourceId: text('source_id'),
        anchors: Object.fromEntries(
          ANCHOR_NAMES.map((name) => [name, text(name)]),
        ) as AnchoredRows['anchors'],
        outcome: String(row.outcome),
        digest: foldLimbs(row),
      };
    }
  }
}

/** A row without a legal fingerprint counts, and sums to nothing: its digest is another than the one committed. */
function fingerprintText(): string {
  return "CASE WHEN regexp_full_match(record_fingerprint, '[0-9a-f]{32}') THEN record_fingerprint ELSE repeat('0', 32) END";
}

function outcomeOf(table: string, present: ReadonlySet<string>): string {
  if (table === SKIPS_TABLE) return present.has('outcome') ? 'outcome' : "'unknown'";
  return table === REJECTS_TABLE ? "'rejected'" : table === QUARANTINE_TABLE ? "'decision'" : "'accepted'";
}

export async function columnsIn(engine: DataEngine, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await engine.rows(
    `DESCRIBE SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true)`,
  );
  return new Set(rows.map((row) => String(row.column_name)));
}

export interface Footer {
  readonly path: string;
  readonly records: number;
  /** Anchors and unit of its key-value metadata. */
  readonly keys: ReadonlyMap<string, string>;
}

/** What the files' own footers say. */
export async function readFooters(engine: DataEngine, paths: readonly string[]): Promise<Footer[]> {
  const counts = await engine.rows(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${sqlList(paths)})`,
  );
  const pairs = await engine.rows(
    `SELECT file_name, decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${sqlList(paths)})
     WHERE decode(key) IN (${[...ANCHOR_NAMES, 'unit_key'].map((name) => `'${name}'`).join(', ')})`,
  );
  const byFile = Map.groupBy(pairs, (row) => String(row.file_name));
  return counts.map((row) => {
    const path = String(row.file_name);
    const keys = (byFile.get(path) ?? []).map((pair) => [String(pair.key), String(pair.value)] as const);
    return { path, records: Number(row.num_rows), keys: new Map(keys) };
  });
}

/** Those of some files that cannot be read to their end, and why. Asked once reading all of them has failed. */
export async function unreadableOf(
  openEngine: OpenEngine,
  { table, paths }: { table: string; paths: readonly string[] },
): Promise<Map<string, string>> {
  const unreadable = new Map<string, string>();
  for (const path of paths) {
    await using engine = await openEngine();
    try {
      await readFooters(engine, [path]);
      for await (const _ of readAnchors(engine, { table, paths: [path] }));
    } catch (error) {
      throwIfAway(error);
      unreadable.set(path, (error as Error).message.split('\n')[0] ?? 'unknown');
    }
  }
  return unreadable;
}
