import { resolve } from 'node:path';
import { sql } from 'kysely';
import { tableIo, uriOf } from '../../bronze/table-io.ts';
import type { Catalog, CatalogTransaction } from '../../catalog/catalog.ts';
import { listAllTables, swapTable } from '../../catalog/iceberg-tables.ts';
import { openSqliteCatalog } from '../../catalog/open-sqlite.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../../errors/tidemark-error.ts';
import { LOCATION_COLUMNS } from '../../evidence/ledger-rows.ts';
import { mountedUri } from '../../landing/store/mount.ts';
import { locationText } from '../../model/catalog-location.ts';
import { namedHome } from '../../run/refuse-moved-home.ts';
import type { Keeper } from '../keeper.ts';
import { refuseWhileInUse } from '../put-in-place.ts';
import type { Move } from './moved-places.ts';
import { type RewrittenTable, rewriteTable } from './rewrite-table.ts';

export interface Relocation {
  readonly executed: boolean;
  /** Where the tables say that the home is; null where they say that it is here. */
  readonly from: string | null;
  readonly to: string;
  readonly tables: readonly RewrittenTable[];
  /** Rows of the catalog that name places, by its table. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Makes a home that was moved or copied name itself: metadata of every table are written anew, then the catalog names
 * the new places in one transaction. Data files and raw bytes are not touched. A crash before that transaction leaves the
 * catalog as it was, and what was written is written again. Without `execute` nothing is changed.
 * @throws ConfigurationError relocation_refused · ConflictError catalog_in_use, commit_conflict
 */
export async function relocateHome(
  { home, catalogAt }: Keeper,
  {
    from,
    execute = false,
    onWrite = () => undefined,
  }: {
    from: string;
    execute?: boolean;
    /** Told before every write, for whoever wants to stop there. */
    onWrite?(uri: string): void;
  },
): Promise<Relocation> {
  refuseStore(home);
  if (catalogAt.kind === 'postgres') throw inDatabase(locationText(catalogAt));
  if (execute) refuseWhileInUse(home.catalogPath);
  const catalog = openSqliteCatalog({ path: home.catalogPath, readOnly: !execute });
  try {
    const pointers = await listAllTables(catalog);
    const elsewhere = pointers.filter(
      (pointer) => !pointer.metadataLocation.startsWith(`${uriOf(home.dir)}/`),
    );
    const first = elsewhere.map(namedHome).find((dir) => dir !== null) ?? null;
    const told = { executed: false, from: first, to: home.dir, tables: [], rows: {} };
    if (first === null) return told;
    refuseOther(first, { from, home: home.dir });
    const move: Move = { from: first, to: home.dir };
    const tables: RewrittenTable[] = [];
    for (const { table, metadataLocation: location } of elsewhere)
      tables.push(await rewriteTable({ table, location, move, write: null }));
    refuseMissing(tables);
    if (!execute) return { ...told, tables, rows: await countRows(catalog, move) };
    for (const { table, metadataLocation: location } of elsewhere)
      await rewriteTable({
        table,
        location,
        move,
        write: async (uri, bytes) => {
          onWrite(uri);
          await tableIo.write(uri, bytes);
        },
      });
    onWrite(home.catalogPath);
    const rows = await catalog.transaction().execute(async (tx) => {
      for (const { table, metadataLocation: expected } of elsewhere) {
        const rewritten = tables.find((entry) => entry.table === table);
        if (rewritten === undefined) continue;
        const { metadataLocation: next, previous } = rewritten;
        if (!(await swapTable(tx, { table, expected, next }))) throw movedMeanwhile(table);
        await tx
          .updateTable('iceberg_tables')
          .set({ previous_metadata_location: previous })
          .where('metadata_location', '=', next)
          .execute();
      }
      return await moveRows(tx, move);
    });
    return { ...told, executed: true, tables, rows };
  } finally {
    await catalog.destroy();
  }
}

/** Pointers are swapped, table by table. */
const { iceberg_tables: _pointers, ...OTHERS } = LOCATION_COLUMNS;

const COLUMNS = Object.entries(OTHERS).flatMap(([table, columns]) =>
  columns.map((column) => ({ table, column })),
);

async function countRows(catalog: Catalog, move: Move): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { table, column } of COLUMNS) {
    const { rows } = await sql<{ rows: number }>`SELECT count(*) AS rows FROM ${sql.table(table)}
      WHERE instr(${sql.ref(column)}, ${`${uriOf(move.from)}/`}) > 0`.execute(catalog);
    counts[table] = (counts[table] ?? 0) + Number(rows[0]?.rows ?? 0);
  }
  return counts;
}

/** Text columns begin with the place; of JSON text each text in it may. */
async function moveRows(tx: CatalogTransaction, { from, to }: Move): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const [before, after] = [`${uriOf(from)}/`, `${uriOf(to)}/`];
  const inside = (place: string) => JSON.stringify(place).slice(0, -1);
  for (const { table, column } of COLUMNS) {
    const { numAffectedRows } = await sql`UPDATE ${sql.table(table)} SET ${sql.ref(column)} =
        CASE WHEN substr(${sql.ref(column)}, 1, ${before.length}) = ${before}
          THEN ${after} || substr(${sql.ref(column)}, ${before.length + 1})
          ELSE replace(${sql.ref(column)}, ${inside(before)}, ${inside(after)}) END
      WHERE instr(${sql.ref(column)}, ${before}) > 0 OR instr(${sql.ref(column)}, ${inside(before)}) > 0`.execute(
      tx,
    );
    counts[table] = (counts[table] ?? 0) + Number(numAffectedRows ?? 0);
  }
  return counts;
}

/** `--from` is there so that nobody relocates another home than was meant. */
function refuseOther(named: string, { from, home }: { from: string; home: string }): void {
  const meant = resolve(from);
  if (named === meant || named.startsWith(`${meant}/`)) return;
  throw new ConfigurationError({
    code: ERROR_CODES.relocation_refused,
    message: `The tables of ${home} name ${named} as their home, not ${meant}.`,
    next: `Nothing was changed. tidemark catalog relocate --from ${named}`,
  });
}

/** Missing files that are named. */
const NAMED_MAX = 3;

function refuseMissing(tables: readonly RewrittenTable[]): void {
  const missing = tables.flatMap((table) => table.missing);
  if (missing.length === 0) return;
  throw new ConfigurationError({
    code: ERROR_CODES.relocation_refused,
    message: `${missing.length} data files of the tables are not here: ${missing.slice(0, NAMED_MAX).join(', ')}${missing.length > NAMED_MAX ? ', …' : ''}.`,
    next: 'Nothing was changed. Copy the whole home, then run the same command again.',
    facts: { missing: missing.slice(0, 100) },
  });
}

function movedMeanwhile(table: string): ConflictError {
  return new ConflictError({
    code: ERROR_CODES.commit_conflict,
    message: `bronze.${table} was written to while its home was relocated.`,
    next: 'Nothing was changed. Run the same command again when no run is in progress.',
  });
}

/** Tables in a store do not move with the home. */
function refuseStore({ storeDir }: Keeper['home']): void {
  const location = mountedUri(storeDir);
  if (location === null) return;
  throw new ConfigurationError({
    code: ERROR_CODES.store_verb_refused,
    message: `catalog relocate makes tables of a moved home name it; these are in ${location}, wherever the home is.`,
    next: 'Nothing is to be done for the home. Objects under another bucket or prefix are not relocated yet.',
  });
}

function inDatabase(place: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.catalog_in_database,
    message: `The catalog is ${place}, shared by homes: what it names does not move with one of them.`,
    next: 'Put the home back where its tables name it, or keep them in a store: see docs/STORES.md',
  });
}
