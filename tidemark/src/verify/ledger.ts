import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/**
 * What a verification has to hold together, in a scratch database: files as snapshots list them, as units claim them and
 * as folders hold them. A table of a million files is compared in the memory of a page.
 */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;
      -- A file as the snapshots of its table list it. listed: times in the head; 0: in earlier snapshots alone.
      CREATE TABLE files (
        table_name TEXT, name TEXT, path TEXT, size INTEGER, records INTEGER, snapshot_id TEXT, listed INTEGER,
        PRIMARY KEY (table_name, name)) WITHOUT ROWID;
      -- A file as a unit of the catalog claims it.
      CREATE TABLE claims (
        table_name TEXT, name TEXT, path TEXT, size INTEGER, records INTEGER, unit_key TEXT, prepared_by TEXT, state TEXT,
        PRIMARY KEY (table_name, name, unit_key, prepared_by)) WITHOUT ROWID;
      CREATE INDEX claims_by_unit ON claims (unit_key, prepared_by);
      -- Units that are in the tables.
      CREATE TABLE units (
        unit_key TEXT PRIMARY KEY, prepared_by TEXT, manifest_id TEXT, batch_id TEXT, source_id TEXT, table_name TEXT,
        committed_at TEXT, deduplicates INTEGER) WITHOUT ROWID;
      -- Rows of units in live files that no unit claims.
      CREATE TABLE strays (
        table_name TEXT, unit_key TEXT, outcome TEXT, records INTEGER, sum TEXT, snapshot_id TEXT, path TEXT);
      CREATE INDEX strays_by_unit ON strays (table_name, unit_key);
      -- Snapshots that a run of this catalog committed, by its sealed evidence or the catalog.
      CREATE TABLE snapshots (table_name TEXT, snapshot_id TEXT, PRIMARY KEY (table_name, snapshot_id)) WITHOUT ROWID;
      -- The oldest of the other engines' snapshots that a table's head is made of, where no run has committed since.
      CREATE TABLE foreign_heads (table_name TEXT PRIMARY KEY, snapshot_id TEXT) WITHOUT ROWID;
      -- What is damaged already by a finding: (unit, table).
      CREATE TABLE damaged (unit_key TEXT, table_name TEXT, PRIMARY KEY (unit_key, table_name)) WITHOUT ROWID;
      BEGIN`);
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  /** A row at a time: the answer may be as long as the table. Do not write to what is being read. */
  *rows(sql: string, ...values: SQLInputValue[]): Generator<LedgerRow> {
    // Of its own, since two readings of the same text may go on at once.
    yield* this.#database.prepare(sql).iterate(...values) as Iterable<LedgerRow>;
  }

  one(sql: string, ...values: SQLInputValue[]): LedgerRow | null {
    return (this.#statement(sql).get(...values) as LedgerRow | undefined) ?? null;
  }

  has(sql: string, ...values: SQLInputValue[]): boolean {
    return this.one(sql, ...values) !== null;
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  #statement(sql: string) {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

export type LedgerRow = Readonly<Record<string, string | number | null>>;
