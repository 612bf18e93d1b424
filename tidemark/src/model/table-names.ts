/** Namespace of the tables that records come into. */
export const BRONZE_NAMESPACE = 'bronze';

/**
 * Namespace of the tables that are folded from Bronze: one row a business key, the newest. One of its own, so that no
 * contract's table can bear the name of a fold, and no rule of Bronze is asked of rows that are there a second time.
 */
export const CURRENT_NAMESPACE = 'current';

/** What the fold of a Bronze table is called here: tables of Bronze go by their bare name, all others by their whole. */
export function currentOf(table: string): string {
  return `${CURRENT_NAMESPACE}.${table}`;
}

export function isCurrent(table: string): boolean {
  return table.startsWith(`${CURRENT_NAMESPACE}.`);
}

/** Where a table is, in the catalog and in the warehouse. */
export function placeOf(table: string): { readonly namespace: string; readonly name: string } {
  return isCurrent(table)
    ? { namespace: CURRENT_NAMESPACE, name: table.slice(CURRENT_NAMESPACE.length + 1) }
    : { namespace: BRONZE_NAMESPACE, name: table };
}

/** As every engine names it. */
export function wholeName(table: string): string {
  const { namespace, name } = placeOf(table);
  return `${namespace}.${name}`;
}

/** The tables beside the contracts' own: rejected records, skipped records, assets held or refused. */
export const REJECTS_TABLE = 'rejects';
export const SKIPS_TABLE = 'skips';
export const QUARANTINE_TABLE = 'quarantine';
export const TABLES_BESIDE: ReadonlySet<string> = new Set([REJECTS_TABLE, SKIPS_TABLE, QUARANTINE_TABLE]);

/** Tables of the built-in contracts, one row an asset. */
export const ASSET_TABLES: ReadonlySet<string> = new Set(['doc_asset', 'audio_asset', 'video_asset']);

/** Names that a contract of one's own cannot give to its table. */
export const BRONZE_TABLES: ReadonlySet<string> = new Set([...ASSET_TABLES, 'ticket', ...TABLES_BESIDE]);
