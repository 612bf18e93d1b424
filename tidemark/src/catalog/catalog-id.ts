import { randomUUID } from 'node:crypto';
import type { Catalog } from './catalog.ts';

const KEY = 'catalog_id';

/** What tells this catalog from every other one, wherever it is copied to; made when it is first asked for. */
export async function catalogId(catalog: Catalog): Promise<string> {
  const known = await knownCatalogId(catalog);
  if (known !== null) return known;
  await catalog
    .insertInto('tidemark_meta')
    .values({ key: KEY, value: randomUUID() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await knownCatalogId(catalog)) ?? '';
}

/** For a catalog that is made in the place of a lost one. */
export async function takeCatalogId(catalog: Pick<Catalog, 'insertInto'>, value: string): Promise<void> {
  await catalog
    .insertInto('tidemark_meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/** Null where nobody has asked for it yet. */
export async function knownCatalogId(catalog: Catalog): Promise<string | null> {
  const row = await catalog
    .selectFrom('tidemark_meta')
    .select('value')
    .where('key', '=', KEY)
    .executeTakeFirst();
  return row?.value ?? null;
}
