/** Namespace of every table. */
export const BRONZE_NAMESPACE = 'bronze';

/** The tables beside the contracts' own: rejected records, skipped records, assets held or refused. */
export const REJECTS_TABLE = 'rejects';
export const SKIPS_TABLE = 'skips';
export const QUARANTINE_TABLE = 'quarantine';
