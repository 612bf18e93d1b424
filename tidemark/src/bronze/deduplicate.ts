import { join } from 'node:path';
import { type Digest, EMPTY_DIGEST } from '../model/digest.ts';
import { type DataEngine, sqlList, sqlText } from './data-engine.ts';

/** A data file that may hold an equal record: an earlier unit of this batch, or history with overlapping event times. */
export type KeeperFiles = readonly string[];

const INCOMING = 'incoming';
const DUPLICATES = 'duplicates';
/** Of earlier stretches of the unit. */
const SEEN = 'seen';
/** What of it the incoming ones repeat. */
const EARLIER = 'earlier';
const CSV_BUFFER_BYTES = 4 * 1024 * 1024;

export interface Duplicates {
  /** Parquet with `line, record_offset, fingerprint, occurrence, keeper_…`; null when there is none. */
  readonly path: string | null;
  readonly count: number;
  readonly digest: Digest;
}

export const NO_DUPLICATES: Duplicates = { path: null, count: 0, digest: EMPTY_DIGEST };

export interface Compared {
  /** As refining left them. */
  readonly fingerprintsPaths: readonly string[];
  readonly keeperFiles: KeeperFiles;
  /** SQL of the rows that count, where the files hold others too. */
  readonly keeperRows?: string;
  readonly scratchDir: string;
  /** Distinguishes several comparisons of one unit. */
  readonly part?: number;
}

/**
 * Finds every accepted record that is already there: earlier in this unit, in an earlier unit of the batch, or in
 * history. Only the fingerprints are read, here and in history: from the accepted parts they took 3 times as long. The
 * keeper is the earliest by (batch order, asset order, line). A unit may be compared stretch by stretch, in order, with
 * one engine that is told by `rememberCompared`: it comes to the same.
 */
export async function findDuplicates(
  engine: DataEngine,
  { fingerprintsPaths, keeperFiles, keeperRows = 'true', scratchDir, part = 0 }: Compared,
): Promise<Duplicates> {
  await engine.run(`CREATE OR REPLACE TABLE ${INCOMING} AS FROM ${fingerprintLines(fingerprintsPaths)}`);
  await engine.run(`CREATE TABLE IF NOT EXISTS ${SEEN} (fingerprint UUID, line BIGINT)`);
  await engine.run(
    `CREATE OR REPLACE TABLE ${EARLIER} AS SELECT fingerprint, count(*) AS occurrences, min(line) AS first_line
     FROM ${SEEN} SEMI JOIN ${INCOMING} USING (fingerprint) GROUP BY fingerprint`,
  );
  await engine.run(
    `CREATE OR REPLACE TABLE ${DUPLICATES} (
       line BIGINT, record_offset BIGINT, fingerprint UUID, occurrence BIGINT, keeper_unit_key VARCHAR,
       keeper_run_id VARCHAR, keeper_batch_id VARCHAR, keeper_source_id VARCHAR, keeper_line BIGINT)`,
  );
  // Repeats inside the unit: few keys survive HAVING, so the window function sees only them.
  await engine.run(
    `INSERT INTO ${DUPLICATES}
     WITH repeated AS (SELECT fingerprint FROM ${INCOMING} GROUP BY fingerprint HAVING count(*) > 1
                       UNION SELECT fingerprint FROM ${EARLIER}),
          numbered AS (
            SELECT line, record_offset, fingerprint,
                   coalesce(occurrences, 0) + row_number() OVER (PARTITION BY fingerprint ORDER BY line) AS occurrence,
                   coalesce(first_line, min(line) OVER (PARTITION BY fingerprint)) AS keeper_line
            FROM ${INCOMING} SEMI JOIN repeated USING (fingerprint) LEFT JOIN ${EARLIER} USING (fingerprint))
     SELECT line, record_offset, fingerprint, occurrence, NULL, NULL, NULL, NULL, keeper_line
     FROM numbered WHERE occurrence > 1`,
  );
  if (keeperFiles.length > 0) await takeKeepersFrom(engine, { files: keeperFiles, rows: keeperRows });
  const [row] = await engine.rows(
    `SELECT ${digestColumns('f')} FROM (SELECT replace(fingerprint::VARCHAR, '-', '') AS f FROM ${DUPLICATES})`,
  );
  const digest = foldLimbs(row ?? {});
  if (digest.count === 0) return NO_DUPLICATES;
  const path = join(scratchDir, `duplicates-${part}.parquet`);
  await engine.run(`COPY ${DUPLICATES} TO ${sqlText(path)} (FORMAT parquet)`);
  return { path, count: digest.count, digest };
}

/** What `findDuplicates` was just asked of counts as earlier in the unit from now on. */
export async function rememberCompared(engine: DataEngine): Promise<void> {
  await engine.run(`INSERT INTO ${SEEN} SELECT fingerprint, line FROM ${INCOMING}`);
}

/** Makes a fresh engine know what was compared with another one. */
export async function rememberAgain(engine: DataEngine, fingerprintsPaths: readonly string[]): Promise<void> {
  if (fingerprintsPaths.length === 0) return;
  await engine.run(
    `CREATE TABLE ${SEEN} AS SELECT fingerprint, line FROM ${fingerprintLines(fingerprintsPaths)}`,
  );
}

function fingerprintLines(paths: readonly string[]): string {
  return `read_csv(${sqlList(paths)}, auto_detect = false, header = false, delim = ',', quote = '', escape = '',
    buffer_size = ${CSV_BUFFER_BYTES}, columns = {fingerprint: 'UUID', line: 'BIGINT', record_offset: 'BIGINT'})`;
}

/**
 * Writes what enters of the unit that `findDuplicates` was just asked of, as a file of keepers: it stands for a data file
 * of that unit which is lost.
 */
export async function writeEntered(
  engine: DataEngine,
  { path, unit, ingestedAt }: { path: string; unit: EnteredUnit; ingestedAt: string },
): Promise<void> {
  const { unitKey, runId, batchId, sourceId } = unit;
  await engine.run(
    `COPY (SELECT replace(fingerprint::VARCHAR, '-', '') AS record_fingerprint, ${sqlText(unitKey)} AS unit_key,
       ${sqlText(runId)} AS run_id, ${sqlText(batchId)} AS batch_id, ${sqlText(sourceId)} AS source_id,
       line AS record_line, ${sqlText(ingestedAt)}::TIMESTAMPTZ AS ingested_at
       FROM ${INCOMING} ANTI JOIN ${DUPLICATES} USING (line)) TO ${sqlText(path)} (FORMAT parquet)`,
  );
}

export interface EnteredUnit {
  readonly unitKey: string;
  readonly runId: string;
  readonly batchId: string;
  readonly sourceId: string;
}

/** A record kept earlier than this unit is the keeper of every occurrence here, the first one included. */
async function takeKeepersFrom(
  engine: DataEngine,
  { files, rows }: { files: KeeperFiles; rows: string },
): Promise<void> {
  await engine.run(
    `CREATE OR REPLACE TABLE keepers AS
     SELECT record_fingerprint::UUID AS fingerprint,
            unnest(min_by({u: unit_key, r: run_id, b: batch_id, s: source_id, l: record_line},
                          (ingested_at, unit_key, record_line)))
     FROM read_parquet(${sqlList(files)}, union_by_name = true)
     WHERE (${rows}) AND record_fingerprint IN (SELECT replace(fingerprint::VARCHAR, '-', '') FROM ${INCOMING})
     GROUP BY 1`,
  );
  await engine.run(`DELETE FROM ${DUPLICATES} WHERE fingerprint IN (SELECT fingerprint FROM keepers)`);
  await engine.run(
    `INSERT INTO ${DUPLICATES}
     SELECT i.line, i.record_offset, i.fingerprint,
            coalesce(e.occurrences, 0) + row_number() OVER (PARTITION BY i.fingerprint ORDER BY i.line),
            k.u, k.r, k.b, k.s, k.l
     FROM ${INCOMING} i JOIN keepers k USING (fingerprint) LEFT JOIN ${EARLIER} e USING (fingerprint)`,
  );
  await engine.run('DROP TABLE keepers');
}

/**
 * SQL that sums fingerprints modulo 2^128: DuckDB has no such sum (`sum(UHUGEINT)` is a DOUBLE, `sum(HUGEINT)` can
 * overflow), so four 32-bit limbs are summed and folded by `foldLimbs`. `fingerprint` is an expression of 32 hex digits.
 */
export function digestColumns(fingerprint: string): string {
  // Written twice and read once: two numbers of 64 bits take three quarters of the time of four of 32.
  const half = (start: number) => `('0x' || substr(${fingerprint}, ${start}, 16))::UBIGINT`;
  const sum = (limb: string, name: string) => `coalesce(sum(${limb}), 0)::VARCHAR AS ${name}`;
  const limbs = [1, 17].flatMap((start) => [`${half(start)} >> 32`, `${half(start)} & 4294967295`]);
  return ['count(*)::BIGINT AS records', ...limbs.map((limb, at) => sum(limb, `l${at}`))].join(', ');
}

export function foldLimbs(row: Record<string, unknown>): Digest {
  const limb = (name: string) => BigInt(String(row[name]));
  const sum = (limb('l0') << 96n) + (limb('l1') << 64n) + (limb('l2') << 32n) + limb('l3');
  return { count: Number(row.records), sum: sum % (1n << 128n) };
}
