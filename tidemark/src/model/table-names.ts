/** Namespace of every table. */
export const BRONZE_NAMESPACE = 'bronze';

/** The tables beside the contracts' own: rejected records, skipped records, assets held or refused. */
export const REJECTS_TABLE = 'rejects';
export const SKIPS_TABLE = 'skips';
export const QUARANTINE_TABLE = 'quarantine';

/** Tables of the built-in contracts, one row an asset. */
export const ASSET_TABLES: ReadonlySet<string> = new Set(['doc_asset', 'audio_asset', 'video_asset']);

/** Names that a contract of one's own cannot give to its table. */
export const BRONZE_TABLES: ReadonlySet<string> = new Set([
  ...ASSET_TABLES,
  'ticket',
  REJECTS_TABLE,
  SKIPS_TABLE,
  QUARANTINE_TABLE,
]);
