import type { CatalogReader } from '../../catalog/catalog.ts';
import { facts, related, type Story } from './story.ts';

/** The contents of a contract that judged records, by reference or by hash, newest last. */
export async function contractStories(catalog: CatalogReader, text: string): Promise<Story[]> {
  const rows = await catalog
    .selectFrom('contracts')
    .select(['hash', 'ref', 'first_seen_at'])
    .where((eb) => eb.or([eb('hash', '=', text), eb('ref', '=', text)]))
    .orderBy('first_seen_at')
    .execute();
  return rows.map((row) => ({
    kind: 'contract',
    title: `contract ${row.ref}`,
    facts: facts({ 'content hash': row.hash, 'first used': row.first_seen_at }),
    related: related({ table: row.ref.split('/').at(-2) }),
    next: null,
  }));
}
