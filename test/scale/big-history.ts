import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface HistorySize {
  readonly manifests: number;
  readonly batchesPerManifest: number;
  /** Sources of a manifest, each one a unit of every batch. */
  readonly sources: number;
}

/** Anchors of one thing in the middle of the history, one of each kind that `show` tells of. */
export interface Anchors {
  readonly manifest: string;
  readonly batch: string;
  readonly run: string;
  readonly trace: string;
  readonly source: string;
  readonly content: string;
  readonly unit: string;
  readonly snapshot: string;
  readonly evidence: string;
  /** The source fingerprint of a batch, as its snapshots carry it. */
  readonly fingerprint: string;
}

/**
 * Writes years of history into the catalog of a project that has run once, by plain SQL in one transaction: batches that
 * all are well, but for a few that died, failed, held something or have an open incident. The shapes of what is kept as
 * JSON are those of the project's own run.
 */
export function writeHistory(homeDir: string, size: HistorySize): Anchors {
  const database = new DatabaseSync(join(homeDir, 'catalog.db'));
  const { manifests, batchesPerManifest, sources } = size;
  const batches = manifests * batchesPerManifest;
  const text = (sql: string) => String(Object.values(database.prepare(sql).get() ?? {})[0]);
  const body = text('SELECT body FROM manifests LIMIT 1');
  const result = text("SELECT result FROM runs WHERE state = 'committed' LIMIT 1");
  const detail = text('SELECT detail FROM run_assets LIMIT 1');
  const prepared = text("SELECT prepared FROM units WHERE state = 'committed' LIMIT 1");
  const contract = text("SELECT contract_hash FROM units WHERE state = 'committed' LIMIT 1");
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN');
  const fill = (table: string, rows: string, parameters: Record<string, string | number> = {}) =>
    database.prepare(`INSERT INTO ${table} ${rows}`).run(parameters);
  database.exec(`CREATE TEMP TABLE b AS WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n LIMIT ${batches})
    SELECT at, 'history-' || (at % ${manifests}) AS manifest, 'batch-' || at AS batch,
      printf('01990000-0000-7000-8000-%012x', at) AS run,
      strftime('%Y-%m-%dT%H:%M:%fZ', '2024-01-01', '+' || (at * 10) || ' minutes') AS time FROM n`);
  database.exec(`CREATE TEMP TABLE s AS WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n LIMIT ${sources})
    SELECT at FROM n`);
  const unit = `substr(printf('%064x', b.at * 1000 + s.at), 1, 64)`;
  const source = `'source-' || (b.at % ${manifests}) || '-' || s.at`;
  const each = 'FROM b CROSS JOIN s';
  const middle = Math.floor(batches / 2);
  const failedEvery = Math.ceil(batches / 20);
  const openEvery = 10 * Math.ceil(batches / 400);
  // Whole units where something reads them: of all they would be most of the file, and no query looks at them.
  const told = `(${batches <= 1000 ? 1 : 0} OR b.at % ${failedEvery} = 0 OR b.at % 10 = 9 OR b.at = ${middle} OR b.at >= ${batches - 100})`;
  const columns = (table: string) =>
    database
      .prepare(`SELECT name FROM pragma_table_info(?)`)
      .all(table)
      .map(({ name }) => String(name));
  const insert = (table: string, values: Record<string, string>, from: string, parameters = {}) => {
    const known = columns(table);
    const names = Object.keys(values);
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new RangeError(`${table} has no ${unknown}`);
    const list = names.map((name) => `"${name}"`).join(', ');
    fill(`${table} (${list})`, `SELECT ${Object.values(values).join(', ')} ${from}`, parameters);
  };
  insert(
    'manifests',
    {
      manifest_id: "'history-' || b.at",
      content_hash: "'hash'",
      path: "'history.json'",
      body: ':body',
      first_seen_at: 'b.time',
    },
    `FROM b WHERE b.at < ${manifests}`,
    { body },
  );
  insert(
    'batches',
    {
      manifest_id: 'b.manifest',
      batch_id: 'b.batch',
      load_mode: "'full_snapshot'",
      window: "'everything declared'",
      revision: '1',
      updated_at: 'b.time',
    },
    'FROM b',
  );
  insert(
    'runs',
    {
      run_id: 'b.run',
      manifest_id: 'b.manifest',
      manifest_hash: "'hash'",
      batch_id: 'b.batch',
      trace_id: "printf('%032x', b.at)",
      state: "'committed'",
      started_at: 'b.time',
      ended_at: 'b.time',
      result: ':result',
      proven: '1',
      verdict: "'pass'",
      source_fingerprint: "printf('%064x', 7000000000 + b.at)",
    },
    'FROM b',
    { result },
  );
  insert(
    'run_assets',
    {
      run_id: 'b.run',
      position: 's.at',
      source_id: source,
      outcome: "'committed'",
      judgement: "'accept'",
      detail: ':detail',
    },
    each,
    { detail },
  );
  insert(
    'units',
    {
      unit_key: unit,
      manifest_id: 'b.manifest',
      batch_id: 'b.batch',
      table_name: "'ticket'",
      source_id: source,
      source_fingerprint: unit,
      window: "'-'",
      contract_hash: ':contract',
      state: "'committed'",
      prepared_by: 'b.run',
      prepared_at: 'b.time',
      committed_by: 'b.run',
      committed_at: 'b.time',
      prepared: `CASE WHEN ${told} THEN :prepared ELSE '{}' END`,
    },
    each,
    { contract, prepared },
  );
  insert(
    'checkpoints',
    {
      manifest_id: 'b.manifest',
      batch_id: 'b.batch',
      source_id: source,
      unit_key: unit,
      records: '100',
      run_id: 'b.run',
      updated_at: 'b.time',
    },
    each,
  );
  insert(
    'objects',
    {
      sha256: unit,
      size_bytes: '1000 + b.at',
      zone: "'raw'",
      media_type: "'application/x-ndjson'",
      first_run_id: 'b.run',
      stored_at: 'b.time',
    },
    each,
  );
  insert(
    'receipts',
    {
      run_id: 'b.run',
      source_id: source,
      role: "'asset'",
      declared_path: `'data/' || ${source}`,
      sha256: unit,
      size_bytes: '1000 + b.at',
      received_at: 'b.time',
    },
    each,
  );
  insert(
    'progress_moves',
    {
      object: "'watermark'",
      table_name: "'ticket'",
      source_id: source,
      field: "'created_at'",
      before: 'b.time',
      after: 'b.time',
      cause: "'commit'",
      run_id: 'b.run',
      moved_at: 'b.time',
    },
    each,
  );
  insert(
    'verifications',
    {
      table_name: "'ticket'",
      source_id: source,
      field: "'created_at'",
      start_at: 'b.time',
      end_before: 'b.time',
      verdict: "'pass'",
      run_id: 'b.run',
      at: 'b.time',
    },
    each,
  );
  for (const kind of ['run', 'reconciliation'])
    insert(
      'evidence',
      {
        chain: 'b.manifest',
        seq: `b.at * 2 + ${kind === 'run' ? 0 : 1}`,
        kind: `'${kind}'`,
        run_id: 'b.run',
        body: "'{}'",
        previous_hash: "''",
        hash: `printf('%062x', b.at) || '${kind.slice(0, 2)}'`,
        sealed_at: 'b.time',
      },
      'FROM b',
    );
  for (const table of ['ticket', 'skips', 'rejects'])
    insert(
      'commits',
      {
        table_name: `'${table}'`,
        manifest_id: 'b.manifest',
        batch_id: 'b.batch',
        revision: '1',
        run_id: 'b.run',
        snapshot_id: `'9' || b.at || '${table.length}'`,
        metadata_location: "''",
        added_records: '1000',
        committed_at: 'b.time',
        total_records: '1000',
        total_files: '1',
      },
      'FROM b',
    );
  for (const table of ['watermarks', 'verified'] as const)
    insert(
      table,
      {
        table_name: "'ticket'",
        source_id: source,
        field: "'created_at'",
        run_id: 'b.run',
        updated_at: 'b.time',
        ...(table === 'verified' ? { through: 'b.time' } : { value: 'b.time' }),
      },
      `${each} WHERE b.at >= ${batches - manifests}`,
    );
  database.exec(`UPDATE runs SET state = 'failed', proven = 0, verdict = NULL
    WHERE run_id IN (SELECT run FROM b WHERE at % ${failedEvery} = 0)`);
  insert(
    'incidents',
    {
      incident_key: "printf('%016x', b.at)",
      class: "'gap'",
      kind: "'source_not_received'",
      severity: "'major'",
      state: `CASE WHEN b.at % ${openEvery} = 9 THEN 'open' ELSE 'resolved' END`,
      manifest_id: 'b.manifest',
      batch_id: 'b.batch',
      source_id: "'source'",
      message: "'It did not come.'",
      facts: "'{}'",
      query: "'tidemark status'",
      suggestion: "'tidemark status'",
      first_seen_at: 'b.time',
      last_seen_at: 'b.time',
      times_seen: '1',
    },
    'FROM b WHERE b.at % 10 = 9',
  );
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  const inTheMiddle = (table: string, column: string) =>
    text(`SELECT ${column} FROM ${table} WHERE run_id = (SELECT run FROM b WHERE at = ${middle}) LIMIT 1`);
  const anchors = {
    manifest: inTheMiddle('runs', 'manifest_id'),
    batch: inTheMiddle('runs', 'batch_id'),
    run: inTheMiddle('runs', 'run_id'),
    trace: inTheMiddle('runs', 'trace_id'),
    source: inTheMiddle('run_assets', 'source_id'),
    content: inTheMiddle('receipts', 'sha256'),
    unit: inTheMiddle('receipts', 'sha256'),
    snapshot: inTheMiddle('commits', 'snapshot_id'),
    evidence: inTheMiddle('evidence', 'hash'),
    fingerprint: inTheMiddle('runs', 'source_fingerprint'),
  };
  database.close();
  return anchors;
}
