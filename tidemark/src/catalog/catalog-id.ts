import { randomUUID } from 'node:crypto';
import type { Catalog } from './catalog.ts';

const KEY = 'catalog_id';

/** What tells this catalog from every other one, wherever it is copied to; made when it is first asked for. */
export async function catalogId(catalog: Catalog): Promise<string> {
  const known = await find(catalog);
  if (known !== undefined) return known;
  await catalog
    .insertInto('tidemark_meta')
    .values({ key: KEY, value: randomUUID() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await find(catalog)) ?? '';
}

/** For a catalog that is made in the place of a lost one. */
export async function takeCatalogId(catalog: Catalog, value: string): Promise<void> {
  await catalog
    .insertInto('tidemark_meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

async function find(catalog: Catalog): Promise<string | undefined> {
  const row = await catalog
    .selectFrom('tidemark_meta')
    .select('value')
    .where('key', '=', KEY)
    .executeTakeFirst();
  return row?.value;
}
