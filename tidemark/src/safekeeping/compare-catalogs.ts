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

/** Tables whose rows mean something by their key, and what of a row is compared beside it. */
const COMPARED = {
  runs: { key: ['run_id'], values: ['state', 'proven', 'verdict', 'verb', 'result'] },
  run_assets: { key: ['run_id', 'position'], values: ['detail'] },
  commits: {
    key: ['table_name', 'manifest_id', 'batch_id', 'revision'],
    values: ['snapshot_id', 'run_id', 'added_records'],
  },
  units: { key: ['unit_key', 'prepared_by'], values: ['state', 'committed_by', 'replaced_by', 'prepared'] },
  batches: { key: ['manifest_id', 'batch_id'], values: ['revision', 'load_mode', 'window'] },
  manifests: { key: ['manifest_id', 'content_hash'], values: ['body'] },
  contracts: { key: ['hash'], values: ['body'] },
  objects: { key: ['sha256'], values: ['size_bytes', 'zone'] },
  receipts: { key: ['run_id', 'source_id', 'role'], values: ['sha256'] },
  checkpoints: { key: ['manifest_id', 'batch_id', 'source_id'], values: ['unit_key', 'records'] },
  cursors: { key: ['table_name', 'source_id', 'cursor_field'], values: ['value'] },
  watermarks: { key: ['table_name', 'source_id'], values: ['field', 'value'] },
  verified: { key: ['table_name', 'source_id'], values: ['start_at', 'through'] },
  progress_moves: { key: ['seq'], values: ['object', 'after', 'moved_at'] },
  verifications: { key: ['seq'], values: ['verdict', 'run_id', 'mended_by'] },
  evidence: { key: ['chain', 'seq'], values: ['hash'] },
  plans: { key: ['plan_id'], values: ['executed_by'] },
  incidents: { key: ['incident_key'], values: ['state'] },
  iceberg_tables: { key: ['table_namespace', 'table_name'], values: ['metadata_location'] },
} as const;

const KEYS_SHOWN = 5;

/** What would differ if another catalog stood in the place of the present one. */
export function compareCatalogs({ present, other }: { present: string; other: string }): TableDifference[] {
  return withDatabase(other, (database) => {
    database.prepare('ATTACH ? AS present').run(present);
    return Object.entries(COMPARED).flatMap(([table, { key, values }]) => {
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
