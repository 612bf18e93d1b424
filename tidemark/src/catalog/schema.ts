import type { Generated } from 'kysely';

/**
 * The catalog: the one place of truth. Same tables on every SQL catalog; times are ISO-8601 text in UTC, JSON is
 * text, flags are 0 or 1. Columns are documented where their name does not say it.
 */
export interface CatalogTables {
  tidemark_meta: { key: string; value: string };

  manifests: { manifest_id: string; content_hash: string; path: string; body: string; first_seen_at: string };
  contracts: { hash: string; ref: string; body: string; first_seen_at: string };

  batches: {
    manifest_id: string;
    batch_id: string;
    load_mode: string;
    window: string;
    /** 0 until the first commit; each commit of the batch is one revision. */
    revision: number;
    updated_at: string;
  };

  runs: {
    run_id: string;
    manifest_id: string;
    manifest_hash: string;
    batch_id: string;
    trace_id: string;
    retry_of: string | null;
    /** What it was for: a plain run, or the recovery verb that it executed. */
    verb: Generated<RunVerb>;
    /** The run whose work a recovery verb mends. */
    parent_run_id: string | null;
    plan_id: string | null;
    state: RunState;
    started_at: string;
    ended_at: string | null;
    /** JSON: asset and record ledgers, tables touched, failure. Null while the run goes on. */
    result: string | null;
    /** 1 when the reconciliation of this run is sealed. */
    proven: number;
    /** Of the sealed reconciliation; null until it is. */
    verdict: Generated<'pass' | 'fail' | 'unknown' | null>;
    /** Of all that the batch took in: the anchor that its snapshots carry. Null until the run has ended. */
    source_fingerprint: Generated<string | null>;
  };

  /** How each declared asset of a run ended. One row per run and source. */
  run_assets: {
    run_id: string;
    position: number;
    source_id: string;
    outcome: string;
    judgement: string;
    /** JSON: the full asset result. */
    detail: string;
  };

  units: {
    unit_key: string;
    manifest_id: string;
    batch_id: string;
    table_name: string;
    source_id: string;
    /** The part of a source of many, such as a file of a folder; empty for a source that is one. */
    split: Generated<string>;
    source_fingerprint: string;
    window: string;
    contract_hash: string;
    state: UnitState;
    prepared_by: string;
    prepared_at: string;
    committed_by: string | null;
    committed_at: string | null;
    /** The run that took its rows out of the table and put others in their place. */
    replaced_by: string | null;
    /** The maintenance that put its rows into the files where they are; null while they are in its own. */
    moved_by: Generated<string | null>;
    /** JSON of the prepared unit: data files per table, ledger, digests, the snapshot it was deduplicated against. */
    prepared: string;
    /** Which time it covers, half-open, in ms since 1970, and by which property; null for one without a time. */
    covers_field: string | null;
    covers_from: number | null;
    covers_to: number | null;
  };

  /** Content-addressed bytes. One row per content. */
  objects: {
    sha256: string;
    size_bytes: number;
    zone: 'raw' | 'quarantine';
    media_type: string;
    first_run_id: string;
    stored_at: string;
  };

  /** One row per delivery of bytes: which run received what, from where. */
  receipts: {
    run_id: string;
    source_id: string;
    role: string;
    split: Generated<string>;
    declared_path: string;
    sha256: string;
    size_bytes: number;
    received_at: string;
    /** Of a URL: what its server said of these bytes, to ask it by the next time; JSON. */
    validators: Generated<string | null>;
    /** Of a Singer tap: from where to go on once what came is committed; JSON. */
    state_after: Generated<string | null>;
  };

  /** What a path held when it was last read: lets `plan` know a fingerprint without reading. */
  source_stats: {
    path: string;
    size_bytes: number;
    mtime_ns: string;
    inode: string;
    sha256: string;
    /** When its reading began; null for what an older release remembered. */
    read_at: string | null;
  };

  commits: {
    table_name: string;
    manifest_id: string;
    batch_id: string;
    revision: number;
    run_id: string;
    snapshot_id: string;
    parent_snapshot_id: string | null;
    metadata_location: string;
    added_records: number;
    committed_at: string;
    /** Of the whole table after it; null for commits of earlier releases. */
    total_records: number | null;
    total_files: number | null;
  };

  /** What has been processed and persisted, up to where, inside a batch: per asset and split. */
  checkpoints: {
    manifest_id: string;
    batch_id: string;
    source_id: string;
    split: Generated<string>;
    unit_key: string;
    records: number;
    run_id: string;
    updated_at: string;
  };

  cursors: {
    table_name: string;
    source_id: string;
    cursor_field: string;
    value: string;
    source_location: string;
    run_id: string;
    updated_at: string;
  };

  watermarks: {
    table_name: string;
    source_id: string;
    field: string;
    value: string;
    run_id: string;
    updated_at: string;
  };

  evidence: {
    /** The chain: one per manifest. */
    chain: string;
    seq: number;
    kind: string;
    run_id: string;
    body: string;
    previous_hash: string;
    hash: string;
    sealed_at: string;
  };

  /** Recovery plans, and those of operators who set progress: sealed values, executed once. */
  plans: {
    /** SHA-256 of the body. */
    plan_id: string;
    verb: PlannedVerb;
    manifest_id: string;
    batch_id: string;
    body: string;
    created_at: string;
    expires_at: string;
    /** The run, or the operation of an operator, that executed it. */
    executed_by: string | null;
  };

  /** What is wrong, once per fixed key: a repeat updates. */
  incidents: {
    incident_key: string;
    class: IncidentClass;
    /** The symptom's name, such as `raw_object_altered`. */
    kind: string;
    severity: IncidentSeverity;
    state: IncidentState;
    manifest_id: string | null;
    batch_id: string | null;
    source_id: string | null;
    table_name: string | null;
    run_id: string | null;
    message: string;
    /** JSON: figures and evidence rows, bounded. */
    facts: string;
    /** The command or SQL that shows it. */
    query: string;
    /** The one command that mends it. */
    suggestion: string;
    first_seen_at: string;
    last_seen_at: string;
    times_seen: number;
  };

  /** The life of an incident; rows are only added. */
  incident_events: { incident_key: string; seq: number; kind: string; at: string; detail: string };

  /** Every move of a progress object, by whom and why; rows are only added. */
  progress_moves: {
    seq: Generated<number>;
    object: 'checkpoint' | 'cursor' | 'watermark' | 'verified';
    table_name: string;
    source_id: string;
    field: string;
    before: string | null;
    after: string;
    cause: 'commit' | 'operator' | 'verification';
    run_id: string | null;
    reason: string | null;
    moved_at: string;
  };

  /** Results of reconciling windows, kept as they were; rows are only added. */
  verifications: {
    seq: Generated<number>;
    table_name: string;
    source_id: string;
    field: string;
    /** Null: from the beginning. */
    start_at: string | null;
    end_before: string | null;
    verdict: 'pass' | 'fail' | 'unknown';
    run_id: string;
    /** The run that mended what failed. */
    mended_by: string | null;
    at: string;
  };

  /** How far completeness has been proven, without a hole. */
  verified: {
    table_name: string;
    source_id: string;
    field: string;
    start_at: string | null;
    through: string;
    run_id: string;
    updated_at: string;
  };

  /** What maintenance did to a table, one row a swap of its pointer; rows are only added. */
  maintenance: {
    operation_id: string;
    table_name: string;
    /** `looked`: nothing was to be done, and so many files are no reason to look again. */
    kind: 'maintained' | 'parted' | 'looked';
    /** The snapshot that it made: the same rows in other files. Null where it only let go of old ones. */
    snapshot_id: string | null;
    parent_snapshot_id: string | null;
    metadata_location: string;
    /** Of the table, afterwards. */
    total_files: number;
    /** JSON: figures. */
    done: string;
    at: string;
  };

  /** Files that no snapshot refers to any more and that are still to be removed: whoever maintains next goes on. */
  expired_files: { uri: string; table_name: string; operation_id: string; expired_at: string };

  leases: {
    resource: string;
    /** Fencing token: grows by one each time the lease changes hands. */
    epoch: number;
    /** Empty when nobody holds it. */
    holder_run_id: string;
    holder: string;
    acquired_at: string;
  };

  /** Iceberg's SQL catalog, in the JDBC layout that other engines open. */
  iceberg_tables: {
    catalog_name: string;
    table_namespace: string;
    table_name: string;
    metadata_location: string | null;
    previous_metadata_location: string | null;
    iceberg_type: Generated<string | null>;
  };
  iceberg_namespace_properties: {
    catalog_name: string;
    namespace: string;
    property_key: string;
    property_value: string | null;
  };
}

export type RunState = 'running' | 'committed' | 'nothing_to_commit' | 'withheld' | 'failed' | 'interrupted';

export type RunVerb = 'run' | 'retry' | 'rerun' | 'replay' | 'backfill';

/**
 * Two of them are no runs: `state_set` moves a cursor or a watermark and nothing else, `maintain` changes the files of
 * tables and none of their rows.
 */
export type PlannedVerb = Exclude<RunVerb, 'run'> | 'state_set' | 'maintain';

/** `replaced`: its rows were in the table and are there no more; a later unit stands in their place. */
export type UnitState = 'prepared' | 'committed' | 'discarded' | 'replaced';

export type IncidentClass = 'duplicate' | 'gap' | 'mismatch' | 'no_traceability';

/** `resolved` is reached by a passing verification alone. */
export type IncidentState = 'open' | 'acknowledged' | 'mending' | 'resolved';

export type IncidentSeverity = 'critical' | 'major' | 'minor';
