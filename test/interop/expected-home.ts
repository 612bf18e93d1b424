import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DataEngine, openDataEngine, sqlText } from '../../tidemark/src/bronze/data-engine.ts';
import { pathOfFileUri } from '../../tidemark/src/bronze/iceberg/file-uri.ts';
import type { TableColumn } from '../../tidemark/src/bronze/iceberg/schema.ts';
import {
  contractTable,
  QUARANTINE,
  REJECTS,
  SKIPS,
  type TableDefinition,
} from '../../tidemark/src/bronze/table-definitions.ts';
import type { CatalogTables } from '../../tidemark/src/catalog/schema.ts';
import { loadContracts } from '../../tidemark/src/contract/load-contracts.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { decodeTagged } from '../../tidemark/src/model/tagged-json.ts';

/** A data file as the ledger of units knows it. */
interface ExpectedFile {
  readonly uri: string;
  /** Read from the file by DuckDB: integers and times as text, the rest as JSON. */
  readonly rows: readonly Record<string, unknown>[];
  /** Key-value metadata that it must have; each key is a column too, with this one value. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface ExpectedSnapshot {
  readonly id: string;
  readonly parent: string | null;
  readonly metadataLocation: string;
  /** Every column that the table has had so far. */
  readonly columns: readonly TableColumn[];
  readonly added: readonly ExpectedFile[];
  readonly addedRecords: number;
  /** Its `tidemark.*` entries, without the prefix; objects are JSON texts there. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface ExpectedTable {
  readonly sortedBy: string | null;
  /** In the order of their commits. */
  readonly snapshots: ExpectedSnapshot[];
}

/** Of a unit's stored JSON, what is looked at here. */
interface StoredUnit {
  readonly files: readonly { readonly table: string; readonly files: readonly { readonly uri: string }[] }[];
  readonly cursor: { readonly field: string; readonly value: string } | null;
  readonly watermark: { readonly field: string; readonly value: string } | null;
}

type LedgerUnit = CatalogTables['units'] & { readonly stored: StoredUnit };

/**
 * What a reader must find in a home's tables, by its ledgers of runs, units and commits: Iceberg metadata is not read.
 * Columns are those of the contracts, so `note` has to be called after every run that used other ones.
 */
export class ExpectedHome {
  readonly tables: Record<string, ExpectedTable> = {};
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Adds the snapshots that were committed since it was last called. */
  async note(): Promise<void> {
    const definitions = await definitionsOf(this.#root);
    using catalog = new DatabaseSync(join(this.#root, '.tidemark/catalog.db'), { readOnly: true });
    await using engine = await openDataEngine({
      spillDir: join(this.#root, '.tidemark/scratch/expected'),
      limits: DEFAULT_LIMITS,
    });
    const commits = catalog
      .prepare('SELECT * FROM commits ORDER BY rowid')
      .all() as unknown as CatalogTables['commits'][]; // SELECT *: the rows are the table's.
    const known = new Set(
      Object.values(this.tables).flatMap(({ snapshots }) => snapshots.map(({ id }) => id)),
    );
    for (const commit of commits.filter(({ snapshot_id }) => !known.has(snapshot_id))) {
      const definition = definitions.get(commit.table_name);
      if (definition === undefined) throw new Error(`nothing declares table ${commit.table_name}`);
      this.tables[definition.name] ??= { sortedBy: definition.sortBy, snapshots: [] };
      const { snapshots } = this.tables[definition.name]!;
      const earlier = snapshots.at(-1)?.columns ?? [];
      const fresh = definition.columns.filter(({ name }) => !earlier.some((column) => column.name === name));
      snapshots.push({
        id: commit.snapshot_id,
        parent: commit.parent_snapshot_id,
        metadataLocation: commit.metadata_location,
        columns: [...earlier, ...fresh],
        added: await filesOf({ catalog, engine, commit }),
        addedRecords: commit.added_records,
        summary: summaryOf({ catalog, commit }),
      });
    }
  }
}

async function definitionsOf(root: string): Promise<Map<string, TableDefinition>> {
  const shelf = await loadContracts({ dir: join(root, 'contracts/data'), limits: DEFAULT_LIMITS });
  const contracts = shelf
    .all()
    .flatMap((reading) => (reading.kind === 'contract' ? [contractTable(reading.contract)] : []));
  return new Map(
    [...contracts, REJECTS, SKIPS, QUARANTINE].map((definition) => [definition.name, definition]),
  );
}

interface Commit {
  readonly catalog: DatabaseSync;
  readonly commit: CatalogTables['commits'];
}

async function filesOf({
  catalog,
  engine,
  commit,
}: Commit & { engine: DataEngine }): Promise<ExpectedFile[]> {
  const files: ExpectedFile[] = [];
  for (const unit of unitsOf({ catalog, commit })) {
    const metadata = {
      manifest_id: unit.manifest_id,
      batch_id: unit.batch_id,
      run_id: unit.prepared_by,
      source_fingerprint: unit.source_fingerprint,
      trace_id: runOf(catalog, unit.prepared_by).trace_id,
      unit_key: unit.unit_key,
    };
    for (const { uri } of placedIn(unit, commit.table_name)) {
      const rows = await engine.jsonRows(`SELECT * FROM read_parquet(${sqlText(pathOfFileUri(uri)!)})`);
      files.push({ uri, rows, metadata });
    }
  }
  return files;
}

function summaryOf({ catalog, commit }: Commit): Record<string, unknown> {
  const report = JSON.parse(runOf(catalog, commit.run_id).result!) as RunReport;
  const units = unitsOf({ catalog, commit });
  const positions = (kind: 'cursor' | 'watermark') =>
    Object.fromEntries(
      units.flatMap((unit) => {
        const position = unit.stored[kind];
        return position ? [[`${unit.table_name}/${unit.source_id}/${position.field}`, position.value]] : [];
      }),
    );
  return {
    manifest_id: commit.manifest_id,
    batch_id: commit.batch_id,
    run_id: commit.run_id,
    source_fingerprint: report.sourceFingerprint,
    trace_id: report.traceId,
    prepared_by: [...new Set(units.map((unit) => unit.prepared_by))].sort(),
    revision: String(commit.revision),
    window: report.window,
    units: String(units.filter((unit) => placedIn(unit, commit.table_name).length > 0).length),
    ...prefixed('records', report.recordTally),
    ...prefixed('digest', report.digests),
    cursors: positions('cursor'),
    watermarks: positions('watermark'),
  };
}

function prefixed(prefix: string, entries: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [`${prefix}_${name}`, String(value)]),
  );
}

/** Every unit of the commit's batch that its run committed, whichever tables they went to. */
function unitsOf({ catalog, commit }: Commit): LedgerUnit[] {
  const rows = catalog
    .prepare("SELECT * FROM units WHERE committed_by = ? AND state = 'committed' ORDER BY unit_key")
    .all(commit.run_id) as unknown as CatalogTables['units'][]; // SELECT *: the rows are the table's.
  return rows.map((unit) => ({ ...unit, stored: decodeTagged(unit.prepared) as StoredUnit }));
}

function placedIn(unit: LedgerUnit, table: string): readonly { readonly uri: string }[] {
  return unit.stored.files.flatMap((entry) => (entry.table === table ? entry.files : []));
}

function runOf(catalog: DatabaseSync, runId: string): CatalogTables['runs'] {
  const row = catalog.prepare('SELECT * FROM runs WHERE run_id = ?').get(runId);
  if (row === undefined) throw new Error(`no run ${runId}`);
  return row as unknown as CatalogTables['runs']; // SELECT *: the row is the table's.
}
