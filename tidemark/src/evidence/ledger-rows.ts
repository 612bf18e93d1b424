import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { uriOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { CATALOG_VERSION } from '../catalog/migrations.ts';
import type { CatalogTables } from '../catalog/schema.ts';
import type { Home } from '../landing/home.ts';
import { SPEC_VERSIONS } from '../model/spec-versions.ts';

export type CatalogRow = Readonly<Record<string, string | number | null>>;

/** What a ledger entry holds of the catalog. */
export interface LedgerRows {
  /** Of the catalog that the rows are from. */
  readonly catalog_version: number;
  readonly specs: Readonly<Record<string, string>>;
  readonly tables: Readonly<Partial<Record<keyof CatalogTables, readonly CatalogRow[]>>>;
}

/**
 * Columns that name places below the home: in the ledger they begin with `home:///`, so that it outlives a move of the
 * home.
 */
export const LOCATION_COLUMNS: Readonly<Partial<Record<keyof CatalogTables, readonly string[]>>> = {
  units: ['prepared'],
  commits: ['metadata_location'],
  maintenance: ['metadata_location'],
  expired_files: ['uri'],
  iceberg_tables: ['metadata_location', 'previous_metadata_location'],
};

/** Where each table's rows of one run are found; `:run` stands for its id. */
const OF_RUN: readonly (readonly [table: keyof CatalogTables, where: string])[] = [
  [
    'manifests',
    '(manifest_id, first_seen_at) IN (SELECT manifest_id, started_at FROM runs WHERE run_id = :run)',
  ],
  ['contracts', 'first_seen_at IN (SELECT started_at FROM runs WHERE run_id = :run)'],
  ['batches', '(manifest_id, batch_id) IN (SELECT manifest_id, batch_id FROM runs WHERE run_id = :run)'],
  ['runs', 'run_id = :run'],
  ['objects', 'sha256 IN (SELECT sha256 FROM receipts WHERE run_id = :run)'],
  ['receipts', 'run_id = :run'],
  ['units', 'prepared_by = :run OR committed_by = :run OR replaced_by = :run OR moved_by = :run'],
  ['commits', 'run_id = :run'],
  ['checkpoints', 'run_id = :run'],
  ['cursors', 'run_id = :run'],
  ['watermarks', 'run_id = :run'],
  ['plans', 'executed_by = :run'],
  ['verifications', 'run_id = :run OR mended_by = :run'],
  ['verified', 'run_id = :run'],
  ['progress_moves', 'run_id = :run'],
  ['maintenance', 'operation_id = :run'],
];

/** What a proof changes; the rest of the run was sealed with its commit. */
const OF_PROOF: ReadonlySet<keyof CatalogTables> = new Set(['verifications', 'verified', 'progress_moves']);

/** The catalog's rows of a run as they are now. The account of the run is the entry's body, and is not repeated. */
export async function rowsText(
  catalog: CatalogReader,
  { home, kind, runId }: { home: Home; kind: string; runId: string },
): Promise<string> {
  const tables: Partial<Record<keyof CatalogTables, CatalogRow[]>> = {};
  for (const [table, where] of OF_RUN) {
    if (kind === 'reconciliation' && !OF_PROOF.has(table)) continue;
    const condition = where
      .split(':run')
      .flatMap((text, at) => [...(at === 0 ? [] : [sql`${runId}`]), sql.raw(text)]);
    const { rows } =
      await sql<CatalogRow>`SELECT * FROM ${sql.table(table)} WHERE ${sql.join(condition, sql``)}`.execute(
        catalog,
      );
    if (rows.length > 0) tables[table] = rows.map((row) => kept(table, { row, home }));
  }
  const ledger: LedgerRows = { catalog_version: CATALOG_VERSION, specs: SPEC_VERSIONS, tables };
  return JSON.stringify(ledger);
}

function kept(table: keyof CatalogTables, { row, home }: { row: CatalogRow; home: Home }): CatalogRow {
  const { result: _account, ...rest } = row;
  return withPlaces(table, { row: rest, from: `${uriOf(home.storeDir)}/`, to: HOME_URI });
}

const HOME_URI = 'home:///';

/** A row of the ledger as the catalog of this home holds it. */
export function withHomePlaces(
  table: keyof CatalogTables,
  { row, home }: { row: CatalogRow; home: Home },
): CatalogRow {
  return withPlaces(table, { row, from: HOME_URI, to: `${uriOf(home.storeDir)}/` });
}

/** A row whose places begin otherwise. They stand at the beginning of a text, or inside JSON text. */
export function withPlaces(
  table: keyof CatalogTables,
  { row, from, to }: { row: CatalogRow; from: string; to: string },
): CatalogRow {
  const moved = (LOCATION_COLUMNS[table] ?? []).flatMap((column) => {
    const text = row[column];
    return typeof text === 'string' ? [[column, withPlace(text, { from, to })] as const] : [];
  });
  return { ...row, ...Object.fromEntries(moved) };
}

function withPlace(text: string, { from, to }: { from: string; to: string }): string {
  if (text.startsWith(from)) return to + text.slice(from.length);
  const inside = (place: string) => JSON.stringify(place).slice(0, -1);
  return text.replaceAll(inside(from), () => inside(to));
}

export function sumOfRows(rows: string): string {
  return createHash('sha256').update(rows).digest('hex');
}
