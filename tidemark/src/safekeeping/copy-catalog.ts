import { type Kysely, sql } from 'kysely';
import type { Catalog, CatalogTransaction } from '../catalog/catalog.ts';
import { withDatabase } from './put-in-place.ts';

/** Rows of a page, and values of one statement: both databases take twice as many. */
const PAGE_ROWS = 1_000;
const VALUES_MAX = 16_000;
/** Who holds what is no part of a catalog's history, and what a database is was decided when it was made. */
const NOT_COPIED = new Set(['tidemark_meta', 'leases']);

/** A table of a catalog with its primary key. */
interface CopiedTable {
  readonly name: string;
  readonly key: readonly string[];
}

type AnyCatalog = Kysely<Record<string, Record<string, unknown>>>;

/** Every table of a catalog's file whose rows are history. */
export function copiedTables(path: string): CopiedTable[] {
  return withDatabase(
    path,
    (database) =>
      database
        .prepare(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .all()
        .map(({ name }) => String(name))
        .filter((name) => !NOT_COPIED.has(name))
        .map((name) => {
          const key = database
            .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
            .all(name);
          return { name, key: key.map((column) => String(column.name)) };
        }),
    { readOnly: true },
  );
}

/** Copies rows page by page, by their keys: memory is flat in the history. Both are catalogs of this release. */
export async function copyCatalog(
  from: Catalog,
  to: Catalog | CatalogTransaction,
  tables: readonly CopiedTable[],
): Promise<void> {
  for (const table of tables) {
    for await (const rows of pagesOf(from as unknown as AnyCatalog, table)) {
      const columns = Object.keys(rows[0] ?? {}).length;
      const atOnce = Math.max(1, Math.floor(VALUES_MAX / columns));
      for (let at = 0; at < rows.length; at += atOnce)
        await (to as unknown as AnyCatalog)
          .insertInto(table.name)
          .values(rows.slice(at, at + atOnce))
          .execute();
    }
  }
}

async function* pagesOf(
  catalog: AnyCatalog,
  { name, key }: CopiedTable,
): AsyncGenerator<Record<string, unknown>[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let last: Record<string, unknown> | undefined;
  do {
    const after = last === undefined ? null : sql.join(key.map((column) => last?.[column]));
    let page = catalog.selectFrom(name).selectAll().limit(PAGE_ROWS);
    for (const column of key) page = page.orderBy(column);
    if (after !== null) page = page.where(sql<boolean>`(${columns}) > (${after})`);
    const rows = await page.execute();
    if (rows.length > 0) yield rows;
    last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
  } while (last !== undefined);
}
