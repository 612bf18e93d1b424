import type { Kysely, Transaction } from 'kysely';
import type { CatalogTables } from './schema.ts';

/** An open catalog. Inside `catalog.transaction()` use only the transaction: the connection is one and is held. */
export type Catalog = Kysely<CatalogTables>;

/** Either the catalog or an open transaction of it. */
export type CatalogReader = Kysely<CatalogTables> | Transaction<CatalogTables>;
export type CatalogTransaction = Transaction<CatalogTables>;
