import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';

/** SQL that both adapters understand (types as SQLite writes them), or a text for each. */
export type Statement = string | { readonly sqlite: string; readonly postgres: string };

/**
 * Forward only: a version is never edited once released, the next one is added. Each entry is a list of statements
 * that run in one transaction together with the new version number.
 */
export const MIGRATIONS: readonly (readonly Statement[])[] = [
  [
    `CREATE TABLE manifests (
       manifest_id TEXT NOT NULL, content_hash TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
       first_seen_at TEXT NOT NULL, PRIMARY KEY (manifest_id, content_hash))`,
    `CREATE INDEX manifests_by_content ON manifests (content_hash)`,
    `CREATE INDEX manifests_by_path ON manifests (path)`,
    `CREATE TABLE contracts (
       hash TEXT NOT NULL PRIMARY KEY, ref TEXT NOT NULL, body TEXT NOT NULL, first_seen_at TEXT NOT NULL)`,
    `CREATE TABLE batches (
       manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL, load_mode TEXT NOT NULL, "window" TEXT NOT NULL,
       revision INTEGER NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (manifest_id, batch_id))`,
    `CREATE INDEX batches_by_id ON batches (batch_id)`,
    `CREATE TABLE runs (
       run_id TEXT NOT NULL PRIMARY KEY, manifest_id TEXT NOT NULL, manifest_hash TEXT NOT NULL,
       batch_id TEXT NOT NULL, trace_id TEXT NOT NULL, retry_of TEXT, state TEXT NOT NULL,
       started_at TEXT NOT NULL, ended_at TEXT, result TEXT, proven INTEGER NOT NULL DEFAULT 0)`,
    `CREATE INDEX runs_by_batch ON runs (manifest_id, batch_id, run_id)`,
    `CREATE INDEX runs_by_trace ON runs (trace_id)`,
    `CREATE INDEX runs_by_state ON runs (state, proven)`,
    `CREATE INDEX runs_by_retry ON runs (retry_of)`,
    `CREATE TABLE run_assets (
       run_id TEXT NOT NULL, position INTEGER NOT NULL, source_id TEXT NOT NULL, outcome TEXT NOT NULL,
       judgement TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (run_id, position))`,
    `CREATE INDEX run_assets_by_source ON run_assets (source_id)`,
    `CREATE TABLE units (
       unit_key TEXT NOT NULL, manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL, table_name TEXT NOT NULL,
       source_id TEXT NOT NULL, source_fingerprint TEXT NOT NULL, "window" TEXT NOT NULL,
       contract_hash TEXT NOT NULL, state TEXT NOT NULL, prepared_by TEXT NOT NULL, prepared_at TEXT NOT NULL,
       committed_by TEXT, committed_at TEXT, prepared TEXT NOT NULL,
       PRIMARY KEY (unit_key, prepared_by))`,
    // A unit is committed once, whichever batch or run brings it.
    `CREATE UNIQUE INDEX units_committed_once ON units (unit_key) WHERE state = 'committed'`,
    `CREATE INDEX units_by_content ON units (table_name, source_id, source_fingerprint)`,
    `CREATE INDEX units_by_batch ON units (manifest_id, batch_id, state)`,
    `CREATE INDEX units_by_fingerprint ON units (source_fingerprint)`,
    `CREATE INDEX units_by_source ON units (source_id)`,
    `CREATE INDEX units_by_committer ON units (committed_by)`,
    `CREATE INDEX units_by_preparer ON units (prepared_by)`,
    `CREATE TABLE objects (
       sha256 TEXT NOT NULL PRIMARY KEY, size_bytes INTEGER NOT NULL, zone TEXT NOT NULL, media_type TEXT NOT NULL,
       first_run_id TEXT NOT NULL, stored_at TEXT NOT NULL)`,
    `CREATE INDEX objects_by_size ON objects (size_bytes)`,
    `CREATE TABLE receipts (
       run_id TEXT NOT NULL, source_id TEXT NOT NULL, role TEXT NOT NULL, declared_path TEXT NOT NULL,
       sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, received_at TEXT NOT NULL,
       PRIMARY KEY (run_id, source_id, role))`,
    `CREATE INDEX receipts_by_content ON receipts (sha256)`,
    `CREATE INDEX receipts_by_source ON receipts (source_id)`,
    `CREATE INDEX receipts_by_path ON receipts (declared_path)`,
    `CREATE TABLE source_stats (
       path TEXT NOT NULL PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL, inode TEXT NOT NULL,
       sha256 TEXT NOT NULL)`,
    `CREATE TABLE commits (
       table_name TEXT NOT NULL, manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL, revision INTEGER NOT NULL,
       run_id TEXT NOT NULL, snapshot_id TEXT NOT NULL, parent_snapshot_id TEXT,
       metadata_location TEXT NOT NULL, added_records INTEGER NOT NULL, committed_at TEXT NOT NULL,
       PRIMARY KEY (table_name, manifest_id, batch_id, revision))`,
    `CREATE INDEX commits_by_snapshot ON commits (snapshot_id)`,
    `CREATE INDEX commits_by_run ON commits (run_id)`,
    `CREATE INDEX commits_by_batch ON commits (manifest_id, batch_id, revision)`,
    `CREATE TABLE checkpoints (
       manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL, source_id TEXT NOT NULL, unit_key TEXT NOT NULL,
       records INTEGER NOT NULL, run_id TEXT NOT NULL, updated_at TEXT NOT NULL,
       PRIMARY KEY (manifest_id, batch_id, source_id))`,
    `CREATE TABLE cursors (
       table_name TEXT NOT NULL, source_id TEXT NOT NULL, cursor_field TEXT NOT NULL, value TEXT NOT NULL,
       source_location TEXT NOT NULL, run_id TEXT NOT NULL, updated_at TEXT NOT NULL,
       PRIMARY KEY (table_name, source_id, cursor_field))`,
    `CREATE TABLE watermarks (
       table_name TEXT NOT NULL, source_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
       run_id TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (table_name, source_id))`,
    `CREATE TABLE evidence (
       chain TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL, body TEXT NOT NULL,
       previous_hash TEXT NOT NULL, hash TEXT NOT NULL, sealed_at TEXT NOT NULL, PRIMARY KEY (chain, seq))`,
    `CREATE INDEX evidence_by_run ON evidence (run_id)`,
    `CREATE INDEX evidence_by_hash ON evidence (hash)`,
    `CREATE TABLE leases (
       resource TEXT NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL, holder_run_id TEXT NOT NULL,
       holder TEXT NOT NULL, acquired_at TEXT NOT NULL)`,
    `CREATE TABLE iceberg_tables (
       catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
       metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
       PRIMARY KEY (catalog_name, table_namespace, table_name))`,
    `CREATE TABLE iceberg_namespace_properties (
       catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
       property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace, property_key))`,
  ],
  [
    `ALTER TABLE runs ADD COLUMN verb TEXT NOT NULL DEFAULT 'run'`,
    `ALTER TABLE runs ADD COLUMN parent_run_id TEXT`,
    `ALTER TABLE runs ADD COLUMN plan_id TEXT`,
    `CREATE INDEX runs_by_parent ON runs (parent_run_id)`,
    // What is not well, and what came last, is found without looking at the rest: status and recover ask for it.
    `ALTER TABLE runs ADD COLUMN verdict TEXT`,
    {
      sqlite: `UPDATE runs SET verdict = json_extract(result, '$.reconciliation.verdict') WHERE proven = 1 AND json_valid(result)`,
      postgres: `UPDATE runs SET verdict = result::json #>> '{reconciliation,verdict}' WHERE proven = 1`,
    },
    `CREATE INDEX runs_not_passed ON runs (run_id) WHERE verdict IS NOT NULL AND verdict <> 'pass'`,
    `CREATE INDEX runs_by_manifest ON runs (manifest_id, run_id, state)`,
    `CREATE INDEX run_assets_turned_away ON run_assets (run_id) WHERE outcome IN ('held', 'refused', 'failed')`,
    `CREATE INDEX units_by_contract ON units (contract_hash, manifest_id, batch_id) WHERE state = 'committed'`,
    `CREATE INDEX batches_by_update ON batches (updated_at)`,
    `ALTER TABLE commits ADD COLUMN total_records INTEGER`,
    `ALTER TABLE commits ADD COLUMN total_files INTEGER`,
    `CREATE INDEX commits_by_table ON commits (table_name, committed_at)`,
    `ALTER TABLE units ADD COLUMN replaced_by TEXT`,
    `CREATE INDEX units_by_state ON units (state)`,
    `CREATE TABLE plans (
       plan_id TEXT NOT NULL PRIMARY KEY, verb TEXT NOT NULL, manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL,
       body TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, executed_by TEXT)`,
    `CREATE INDEX plans_by_batch ON plans (manifest_id, batch_id)`,
    `CREATE TABLE incidents (
       incident_key TEXT NOT NULL PRIMARY KEY, class TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
       state TEXT NOT NULL, manifest_id TEXT, batch_id TEXT, source_id TEXT, table_name TEXT, run_id TEXT,
       message TEXT NOT NULL, facts TEXT NOT NULL, query TEXT NOT NULL, suggestion TEXT NOT NULL,
       first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, times_seen INTEGER NOT NULL)`,
    `CREATE INDEX incidents_by_state ON incidents (state)`,
    `CREATE TABLE incident_events (
       incident_key TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL,
       PRIMARY KEY (incident_key, seq))`,
    `CREATE TABLE progress_moves (
       seq INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, table_name TEXT NOT NULL, source_id TEXT NOT NULL,
       field TEXT NOT NULL, before TEXT, after TEXT NOT NULL, cause TEXT NOT NULL, run_id TEXT, reason TEXT,
       moved_at TEXT NOT NULL)`,
    `CREATE INDEX progress_moves_by_source ON progress_moves (source_id, table_name)`,
    `CREATE INDEX progress_moves_by_run ON progress_moves (run_id)`,
    `CREATE INDEX checkpoints_by_source ON checkpoints (source_id, updated_at)`,
    `CREATE TABLE verifications (
       seq INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL, source_id TEXT NOT NULL, field TEXT NOT NULL,
       start_at TEXT, end_before TEXT, verdict TEXT NOT NULL, run_id TEXT NOT NULL, mended_by TEXT, at TEXT NOT NULL)`,
    `CREATE INDEX verifications_by_source ON verifications (table_name, source_id)`,
    `CREATE TABLE verified (
       table_name TEXT NOT NULL, source_id TEXT NOT NULL, field TEXT NOT NULL, start_at TEXT, through TEXT NOT NULL,
       run_id TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (table_name, source_id))`,
  ],
  [
    // The rows of one run are read inside its commit, for the ledger.
    `CREATE INDEX units_by_replacer ON units (replaced_by) WHERE replaced_by IS NOT NULL`,
    `CREATE INDEX checkpoints_by_run ON checkpoints (run_id)`,
    `CREATE INDEX cursors_by_run ON cursors (run_id)`,
    `CREATE INDEX watermarks_by_run ON watermarks (run_id)`,
    `CREATE INDEX plans_by_run ON plans (executed_by) WHERE executed_by IS NOT NULL`,
    `CREATE INDEX verifications_by_run ON verifications (run_id)`,
    `CREATE INDEX verifications_by_mender ON verifications (mended_by) WHERE mended_by IS NOT NULL`,
    `CREATE INDEX verified_by_run ON verified (run_id)`,
    `CREATE INDEX contracts_by_first_seen ON contracts (first_seen_at)`,
    // What the rows of a catalog of this version were made by.
    `INSERT INTO tidemark_meta VALUES
       ('spec_canonical', 'canonical-1'), ('spec_fingerprint', 'fingerprint-1'), ('spec_refine', 'refine-1')`,
  ],
  [
    `ALTER TABLE units ADD COLUMN moved_by TEXT`,
    `CREATE INDEX units_by_mover ON units (moved_by) WHERE moved_by IS NOT NULL`,
    `CREATE TABLE maintenance (
       operation_id TEXT NOT NULL, table_name TEXT NOT NULL, kind TEXT NOT NULL, snapshot_id TEXT,
       parent_snapshot_id TEXT, metadata_location TEXT NOT NULL, total_files INTEGER NOT NULL, done TEXT NOT NULL,
       at TEXT NOT NULL, PRIMARY KEY (operation_id, table_name, metadata_location))`,
    `CREATE INDEX maintenance_by_snapshot ON maintenance (snapshot_id)`,
    `CREATE INDEX maintenance_by_table ON maintenance (table_name, at)`,
    `CREATE TABLE expired_files (
       uri TEXT NOT NULL PRIMARY KEY, table_name TEXT NOT NULL, operation_id TEXT NOT NULL, expired_at TEXT NOT NULL)`,
    `CREATE INDEX expired_files_by_table ON expired_files (table_name)`,
  ],
  [`ALTER TABLE source_stats ADD COLUMN read_at TEXT`],
  [
    // Which time a unit covers, so that partitions are answered from an index and not from what was prepared.
    `ALTER TABLE units ADD COLUMN covers_field TEXT`,
    `ALTER TABLE units ADD COLUMN covers_from BIGINT`,
    `ALTER TABLE units ADD COLUMN covers_to BIGINT`,
    {
      sqlite: `UPDATE units SET ${coverage({
        json: (path) => `json_extract(prepared, '$.${path}')`,
        // Only of what begins with a date: SQLite takes a bare number for a day of the Julian calendar.
        isTime: (text) => `${text} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'`,
        // It knows no offset without minutes, which is how tables keep instants.
        seconds: (text) =>
          `unixepoch(CASE WHEN ${text} LIKE '%+00' THEN substr(${text}, 1, 19) ELSE ${text} END)`,
      })} WHERE json_valid(prepared)`,
      postgres: `UPDATE units SET ${coverage({
        json: (path) => `(prepared::json #>> '{${path.replaceAll('.', ',')}}')`,
        isTime: (text) => `${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'`,
        seconds: (text) =>
          `floor(extract(epoch FROM (${text} || CASE WHEN length(${text}) = 10 THEN ' 00:00:00+00' ELSE '' END)::timestamptz))::bigint`,
      })}`,
    },
    `UPDATE units SET covers_field = NULL, covers_from = NULL, covers_to = NULL
       WHERE covers_from IS NULL OR covers_to IS NULL OR covers_from >= covers_to`,
    `CREATE INDEX units_by_coverage ON units (manifest_id, covers_to) WHERE covers_field IS NOT NULL`,
    `CREATE INDEX units_by_coverage_start ON units (manifest_id, covers_from) WHERE covers_field IS NOT NULL`,
    `CREATE INDEX verifications_failed ON verifications (source_id) WHERE verdict = 'fail' AND mended_by IS NULL`,
  ],
  [
    // What a source did last, and which batches it is in, is the end of an index however long its history.
    `DROP INDEX run_assets_by_source`,
    `CREATE INDEX run_assets_by_source ON run_assets (source_id, run_id)`,
    `DROP INDEX receipts_by_source`,
    `CREATE INDEX receipts_by_source ON receipts (source_id, run_id)`,
    `DROP INDEX units_by_source`,
    `CREATE INDEX units_by_source ON units (source_id, manifest_id, batch_id)`,
    `CREATE INDEX batches_by_manifest ON batches (manifest_id, updated_at)`,
    // The anchor that snapshots carry was searched for in the account of every run.
    `ALTER TABLE runs ADD COLUMN source_fingerprint TEXT`,
    {
      sqlite: `UPDATE runs SET source_fingerprint = json_extract(result, '$.sourceFingerprint') WHERE json_valid(result)`,
      postgres: `UPDATE runs SET source_fingerprint = substring(result from '"sourceFingerprint":"([0-9a-f]{64})"')`,
    },
    `CREATE INDEX runs_by_fingerprint ON runs (source_fingerprint)`,
  ],
  [
    // A source of many parts delivers each for itself: the part is in the identity of what was received and made of it.
    `ALTER TABLE units ADD COLUMN split TEXT NOT NULL DEFAULT ''`,
    `CREATE TABLE receipts_by_split (
       run_id TEXT NOT NULL, source_id TEXT NOT NULL, role TEXT NOT NULL, split TEXT NOT NULL DEFAULT '',
       declared_path TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, received_at TEXT NOT NULL,
       PRIMARY KEY (run_id, source_id, role, split))`,
    `INSERT INTO receipts_by_split (run_id, source_id, role, declared_path, sha256, size_bytes, received_at)
       SELECT run_id, source_id, role, declared_path, sha256, size_bytes, received_at FROM receipts`,
    `DROP TABLE receipts`,
    `ALTER TABLE receipts_by_split RENAME TO receipts`,
    `CREATE INDEX receipts_by_content ON receipts (sha256)`,
    `CREATE INDEX receipts_by_source ON receipts (source_id, run_id)`,
    `CREATE INDEX receipts_by_path ON receipts (declared_path)`,
    `CREATE TABLE checkpoints_by_split (
       manifest_id TEXT NOT NULL, batch_id TEXT NOT NULL, source_id TEXT NOT NULL, split TEXT NOT NULL DEFAULT '',
       unit_key TEXT NOT NULL, records INTEGER NOT NULL, run_id TEXT NOT NULL, updated_at TEXT NOT NULL,
       PRIMARY KEY (manifest_id, batch_id, source_id, split))`,
    `INSERT INTO checkpoints_by_split (manifest_id, batch_id, source_id, unit_key, records, run_id, updated_at)
       SELECT manifest_id, batch_id, source_id, unit_key, records, run_id, updated_at FROM checkpoints`,
    `DROP TABLE checkpoints`,
    `ALTER TABLE checkpoints_by_split RENAME TO checkpoints`,
    `CREATE INDEX checkpoints_by_source ON checkpoints (source_id, updated_at)`,
    `CREATE INDEX checkpoints_by_run ON checkpoints (run_id)`,
  ],
  [
    `CREATE INDEX units_by_covering_source ON units (manifest_id, source_id, covers_from) WHERE covers_field IS NOT NULL`,
  ],
  [`ALTER TABLE receipts ADD COLUMN validators TEXT`],
  [`ALTER TABLE receipts ADD COLUMN state_after TEXT`],
  [`CREATE INDEX incidents_by_batch ON incidents (manifest_id, batch_id, kind)`],
];

export const CATALOG_VERSION = MIGRATIONS.length;

/** As PostgreSQL wants it: whole numbers of 64 bits, and text that is compared byte by byte, as SQLite does. */
export function postgresText(statement: Statement): string {
  if (typeof statement !== 'string') return statement.postgres;
  return statement
    .replaceAll('INTEGER PRIMARY KEY AUTOINCREMENT', 'BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY')
    .replaceAll(/\bINTEGER\b/g, 'BIGINT')
    .replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"');
}

/** The statements that bring a catalog of a version up to date. @throws ConfigurationError catalog_too_new */
export function migrationsFrom(version: number, place: string): readonly Statement[] {
  if (version <= CATALOG_VERSION) return MIGRATIONS.slice(version).flat();
  throw new ConfigurationError({
    code: ERROR_CODES.catalog_too_new,
    message: `The catalog ${place} has version ${version}; this Tidemark knows versions up to ${CATALOG_VERSION}.`,
    next: 'Use the Tidemark release that last wrote this catalog, or a newer one: npm install tidemark@latest',
    facts: { found: version, known: CATALOG_VERSION },
  });
}

/** What `coverageOf` finds in a prepared unit, to the second. */
function coverage(dialect: {
  json(path: string): string;
  isTime(text: string): string;
  seconds(text: string): string;
}): string {
  const { json, isTime, seconds } = dialect;
  const first = (...paths: string[]) => `coalesce(${paths.map(json).join(', ')})`;
  const ms = (text: string) => `CASE WHEN ${isTime(text)} THEN 1000 * ${seconds(text)} END`;
  const open = `CASE WHEN ${json('recordWindow.endBefore')} IS NULL THEN 1000 ELSE 0 END`;
  return `covers_field = ${first('recordWindow.field', 'watermark.field')},
    covers_from = ${ms(first('recordWindow.startAt', 'eventTime.min'))},
    covers_to = ${ms(first('recordWindow.endBefore', 'cursor.value', 'eventTime.max'))} + ${open}`;
}
