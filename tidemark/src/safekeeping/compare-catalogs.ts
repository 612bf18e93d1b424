import { withDatabase } from './put-in-place.ts';

/** What of a table two catalogs do not have alike. Keys are bounded, counts are not. */
export interface TableDifference {
  readonly table: string;
  /** Rows of the catalog as it is that the other one has not. */
  readonly gone: number;
  readonly goneKeys: readonly string[];
  /** Rows that only the other one has. */
  readonly come: number;
  /** Rows that both have, with other values. */
  readonly changed: number;
}

/** Tables whose rows mean something by their primary key, and what of a row is compared beside it. */
const COMPARED = {
  runs: ['state', 'proven', 'verdict', 'verb', 'result'],
  run_assets: ['detail'],
  commits: ['snapshot_id', 'run_id', 'added_records'],
  units: ['state', 'committed_by', 'replaced_by', 'prepared'],
  batches: ['revision', 'load_mode', 'window'],
  manifests: ['body'],
  contracts: ['body'],
  objects: ['size_bytes', 'zone'],
  receipts: ['sha256'],
  checkpoints: ['unit_key', 'records'],
  cursors: ['value'],
  watermarks: ['field', 'value'],
  verified: ['start_at', 'through'],
  progress_moves: ['object', 'after', 'moved_at'],
  verifications: ['verdict', 'run_id', 'mended_by'],
  evidence: ['hash'],
  maintenance: ['kind', 'snapshot_id'],
  plans: ['executed_by'],
  incidents: ['state'],
  iceberg_tables: ['metadata_location'],
} as const;

const KEYS_SHOWN = 5;

/** What would differ if another catalog stood in the place of the present one. */
export function compareCatalogs({ present, other }: { present: string; other: string }): TableDifference[] {
  return withDatabase(other, (database) => {
    database.prepare('ATTACH ? AS present').run(present);
    return Object.entries(COMPARED).flatMap(([table, values]) => {
      const key = database
        .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0')
        .all(table)
        .map(({ name }) => String(name));
      const name = (column: string) => `"${column}"`;
      const keys = key.map(name).join(', ');
      const all = [...key, ...values].map(name).join(', ');
      const count = (query: string) =>
        Number(database.prepare(`SELECT count(*) AS n FROM (${query})`).get()?.n);
      const missing = `SELECT ${keys} FROM present.${table} EXCEPT SELECT ${keys} FROM main.${table}`;
      const gone = count(missing);
      const come = count(`SELECT ${keys} FROM main.${table} EXCEPT SELECT ${keys} FROM present.${table}`);
      const otherwise = count(`SELECT ${all} FROM present.${table} EXCEPT SELECT ${all} FROM main.${table}`);
      if (gone + come + otherwise === 0) return [];
      const shown = database.prepare(`${missing} LIMIT ${KEYS_SHOWN}`).all();
      const goneKeys = shown.map((row) => Object.values(row).join(' '));
      return [{ table, gone, goneKeys, come, changed: otherwise - gone }];
    });
  });
}
