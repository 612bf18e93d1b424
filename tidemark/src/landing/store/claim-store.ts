import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import type { ObjectStore } from './object-store.ts';

/** Names the catalog that a store belongs to; given once, like every name of a table. */
export const OWNER_KEY = 'catalog.json';

/**
 * Makes a store the catalog's that is the first to write there. Files that a second catalog does not know would be nobody's
 * to it, and its maintenance would remove them.
 * @throws ConfigurationError store_of_another_catalog
 */
export async function claimStore(store: ObjectStore, catalogId: string): Promise<void> {
  const known = await ownerOf(store);
  if (known === catalogId) return;
  if (known === null) {
    const bytes = Buffer.from(`${JSON.stringify({ format: 'store-1', catalog: catalogId })}\n`);
    if ((await store.put(OWNER_KEY, bytes, { ifAbsent: true })) === 'stored') return;
  }
  throw new ConfigurationError({
    code: ERROR_CODES.store_of_another_catalog,
    message: `${store.location} belongs to another catalog: its ${OWNER_KEY} does not name this one (${catalogId}).`,
    next: 'Name the catalog of that store, or another prefix, in tidemark.yaml, then: tidemark doctor',
    facts: { location: store.location, catalogId, owner: known },
  });
}

/** The id of the catalog that a store belongs to; null while it is nobody's, empty where what says so cannot be read. */
export async function ownerOf(store: Pick<ObjectStore, 'get'>): Promise<string | null> {
  const bytes = await store.get(OWNER_KEY);
  if (bytes === null) return null;
  try {
    const { catalog } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { catalog?: unknown };
    return typeof catalog === 'string' ? catalog : '';
  } catch {
    return '';
  }
}
