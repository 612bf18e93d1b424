import { keyedRows, type Versions } from '../current/version-rows.ts';
import { type DataEngine, sqlName, sqlText } from '../data-engine.ts';

/** Paths of data files, some at a time: a statement names no more. May be gone through more than once. */
export type Pages = () => Iterable<readonly string[]>;

/** Rows that are to be told apart by the key and the order of a rule; an empty order: by the key alone. */
export interface ToTellApart extends Versions {
  /** Files any two of whose rows may collide. */
  readonly incoming: Pages;
  /** Files whose rows may collide with those of `incoming`. */
  readonly history: Pages;
  /** When a batch first came in: who came later collides with who was there. */
  firstCommitted(batch: RowBatch): Promise<string>;
}

export interface RowBatch {
  readonly manifestId: string | null;
  readonly batchId: string | null;
}

/** A row as evidence; the first one that is told of a key was there first. */
export interface CollidingRow extends RowBatch {
  /** The key, then the values that order its versions. */
  readonly identity: readonly (string | null)[];
  readonly runId: string | null;
  readonly sourceId: string | null;
  readonly line: number | null;
  readonly fingerprint: string;
}

/** What a source brought in one batch that has the identity of other content that was there. */
export interface Collision extends RowBatch {
  readonly sourceId: string | null;
  readonly identities: number;
  readonly records: number;
  /** Of the first few identities, those that were there too. */
  readonly rows: readonly CollidingRow[];
}

const ROWS_MAX = 20;
const IDENTITIES_MAX = 5;
/** Values of one statement. */
const BATCHES_AT_ONCE = 500;

/**
 * Rows of one identity and several contents, by who brought them later. Only hashes of identities are held for all rows, and
 * spilled where they do not fit; whole rows are read where two hashes met.
 */
export async function findCollisions(engine: DataEngine, asked: ToTellApart): Promise<Collision[]> {
  if (!(await findHashesTwice(engine, asked))) return [];
  await readMeeting(engine, asked);
  await rankByAge(engine, asked);
  const found = await engine.rows(
    `SELECT manifest_id, batch_id, source_id, count(DISTINCT id)::BIGINT AS identities, count(*)::BIGINT AS records
     FROM ranked WHERE place > 1 GROUP BY ALL ORDER BY ALL`,
  );
  const collisions: Collision[] = [];
  for (const row of found) {
    const of = {
      manifestId: text(row.manifest_id),
      batchId: text(row.batch_id),
      sourceId: text(row.source_id),
    };
    const [identities, records] = [Number(row.identities), Number(row.records)];
    collisions.push({ ...of, identities, records, rows: await rowsOf(engine, { ...of, asked }) });
  }
  return collisions;
}

async function findHashesTwice(
  engine: DataEngine,
  { incoming, history, ...versions }: ToTellApart,
): Promise<boolean> {
  const hashes = (paths: readonly string[]) =>
    `SELECT hash(${identityOf(versions)}) AS h FROM (${keyedRows(versions, paths)})`;
  await engine.run('CREATE OR REPLACE TABLE told (h UBIGINT)');
  for (const paths of incoming()) await engine.run(`INSERT INTO told ${hashes(paths)}`);
  await engine.run('CREATE OR REPLACE TABLE twice AS SELECT h FROM told GROUP BY h HAVING count(*) > 1');
  for (const paths of history())
    await engine.run(
      `INSERT INTO twice SELECT DISTINCT h FROM (${hashes(paths)}) WHERE h IN (SELECT h FROM told)`,
    );
  await engine.run('DROP TABLE told');
  return (await engine.rows('SELECT 1 FROM twice LIMIT 1')).length > 0;
}

/** Equal hashes are no proof: what meets are equal values. */
async function readMeeting(
  engine: DataEngine,
  { incoming, history, ...versions }: ToTellApart,
): Promise<void> {
  const meeting = (paths: readonly string[]) =>
    `SELECT {${fieldsOf(versions)}} AS identity, manifest_id, batch_id, run_id, source_id, record_line,
       record_fingerprint AS fingerprint FROM (${keyedRows(versions, paths)})
     WHERE hash(${identityOf(versions)}) IN (SELECT h FROM twice)`;
  await engine.run(`CREATE OR REPLACE TABLE meeting AS ${meeting([])}`);
  for (const pages of [incoming, history])
    for (const paths of pages()) await engine.run(`INSERT INTO meeting ${meeting(paths)}`);
  await engine.run(
    `CREATE OR REPLACE TABLE collided AS
     SELECT *, dense_rank() OVER (ORDER BY identity) AS id
     FROM (SELECT * FROM meeting WINDOW same AS (PARTITION BY identity)
           QUALIFY min(fingerprint) OVER same <> max(fingerprint) OVER same)`,
  );
  await engine.run('DROP TABLE meeting');
}

/** By when batches first came in: that stays as it is when one of them is made again. */
async function rankByAge(engine: DataEngine, { firstCommitted }: ToTellApart): Promise<void> {
  await engine.run('CREATE OR REPLACE TABLE ages (manifest_id VARCHAR, batch_id VARCHAR, age VARCHAR)');
  const batches = await engine.rows('SELECT DISTINCT manifest_id, batch_id FROM collided');
  for (let at = 0; at < batches.length; at += BATCHES_AT_ONCE) {
    const values: string[] = [];
    for (const row of batches.slice(at, at + BATCHES_AT_ONCE)) {
      const batch = { manifestId: text(row.manifest_id), batchId: text(row.batch_id) };
      const age = await firstCommitted(batch);
      values.push(`(${literal(batch.manifestId)}, ${literal(batch.batchId)}, ${sqlText(age)})`);
    }
    await engine.run(`INSERT INTO ages VALUES ${values.join(', ')}`);
  }
  await engine.run(
    `CREATE OR REPLACE TABLE ranked AS
     SELECT c.*, row_number() OVER (
       PARTITION BY id ORDER BY age, c.manifest_id, c.batch_id, source_id, record_line, fingerprint) AS place
     FROM collided c JOIN ages a ON c.manifest_id IS NOT DISTINCT FROM a.manifest_id
       AND c.batch_id IS NOT DISTINCT FROM a.batch_id`,
  );
}

async function rowsOf(
  engine: DataEngine,
  {
    manifestId,
    batchId,
    sourceId,
    asked,
  }: Pick<Collision, 'manifestId' | 'batchId' | 'sourceId'> & { asked: Versions },
): Promise<CollidingRow[]> {
  const values = columnsOf(asked).map((_, place) => `identity.c${place}::VARCHAR`);
  const rows = await engine.jsonRows(
    `SELECT [${values.join(', ')}] AS identity, manifest_id, batch_id, run_id, source_id, record_line, fingerprint
     FROM ranked WHERE id IN (
       SELECT DISTINCT id FROM ranked WHERE place > 1 AND manifest_id IS NOT DISTINCT FROM ${literal(manifestId)}
         AND batch_id IS NOT DISTINCT FROM ${literal(batchId)}
         AND source_id IS NOT DISTINCT FROM ${literal(sourceId)} ORDER BY id LIMIT ${IDENTITIES_MAX})
     ORDER BY id, place LIMIT ${ROWS_MAX}`,
  );
  return rows.map((row) => ({
    identity: row.identity as (string | null)[],
    manifestId: text(row.manifest_id),
    batchId: text(row.batch_id),
    runId: text(row.run_id),
    sourceId: text(row.source_id),
    line: row.record_line == null ? null : Number(row.record_line),
    fingerprint: String(row.fingerprint),
  }));
}

function columnsOf({ rule }: Versions): string[] {
  return [rule.key, ...rule.order].map(sqlName);
}

function identityOf(versions: Versions): string {
  return columnsOf(versions).join(', ');
}

function fieldsOf(versions: Versions): string {
  return columnsOf(versions)
    .map((column, place) => `c${place}: ${column}`)
    .join(', ');
}

function text(value: unknown): string | null {
  return value == null ? null : String(value);
}

function literal(value: string | null): string {
  return value === null ? 'NULL' : sqlText(value);
}
