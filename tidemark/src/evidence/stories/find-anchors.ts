import { sql } from 'kysely';
import type { CatalogReader } from '../../catalog/catalog.ts';
import type { CatalogTables } from '../../catalog/schema.ts';

/** One thing of the catalog that answers to a query. */
export interface AnchorMatch {
  readonly kind: AnchorKind;
  readonly id: string;
}

export type AnchorKind = (typeof INDEXED)[number][0];

/** Every indexed column by which something of the catalog can be named. */
const INDEXED = [
  ['manifest', 'manifests', 'manifest_id'],
  ['manifest_content', 'manifests', 'content_hash'],
  ['batch', 'batches', 'batch_id'],
  ['run', 'runs', 'run_id'],
  ['trace', 'runs', 'trace_id'],
  ['source', 'run_assets', 'source_id'],
  ['source', 'receipts', 'source_id'],
  ['content', 'objects', 'sha256'],
  ['content', 'units', 'source_fingerprint'],
  ['unit', 'units', 'unit_key'],
  ['snapshot', 'commits', 'snapshot_id'],
  ['contract', 'contracts', 'hash'],
  ['contract', 'contracts', 'ref'],
  ['evidence_entry', 'evidence', 'hash'],
  ['incident', 'incidents', 'incident_key'],
] as const satisfies readonly (readonly [string, keyof CatalogTables, string])[];

/** Shorter beginnings name nothing. */
export const PREFIX_CHARS_MIN = 6;

/** Things listed for one ambiguous beginning and one column. */
const CANDIDATES_MAX = 200;

/** What bears exactly this id. */
export async function findExactly(catalog: CatalogReader, text: string): Promise<AnchorMatch[]> {
  return await matches(catalog, (column) => sql`${column} = ${text}`);
}

/** What has an id that begins like this. Nothing for less than six characters. */
export async function findByPrefix(catalog: CatalogReader, text: string): Promise<AnchorMatch[]> {
  if (text.length < PREFIX_CHARS_MIN) return [];
  // A range, and not LIKE: it uses the index, and `_` and `%` of an id mean themselves.
  return await matches(catalog, (column) => sql`${column} >= ${text} AND ${column} < ${`${text}\u{10ffff}`}`);
}

/** Runs whose batch has this source fingerprint: the anchor that a snapshot carries, where a row carries its source's. */
export async function findBatchFingerprint(catalog: CatalogReader, text: string): Promise<AnchorMatch[]> {
  const rows = await catalog
    .selectFrom('runs')
    .select('run_id')
    .where('source_fingerprint', '=', text)
    .orderBy('run_id')
    .limit(CANDIDATES_MAX)
    .execute();
  return rows.map(({ run_id }) => ({ kind: 'run', id: run_id }));
}

type Column = ReturnType<typeof sql.ref>;

async function matches(
  catalog: CatalogReader,
  condition: (column: Column) => ReturnType<typeof sql>,
): Promise<AnchorMatch[]> {
  const found = new Map<string, AnchorMatch>();
  for (const [kind, table, name] of INDEXED) {
    const column = sql.ref(name);
    const { rows } = await sql<{ id: string }>`
      SELECT DISTINCT ${column} AS id FROM ${sql.table(table)} WHERE ${condition(column)}
      ORDER BY 1 LIMIT ${CANDIDATES_MAX}`.execute(catalog);
    for (const { id } of rows) found.set(JSON.stringify([kind, id]), { kind, id });
  }
  return [...found.values()];
}
