import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DataFile } from '../../tidemark/src/bronze/iceberg/data-file.ts';
import { duckFieldIds, duckType, quoteIdentifier } from '../../tidemark/src/bronze/iceberg/duck-columns.ts';
import { type CopyStats, dataFileFromDuckStats } from '../../tidemark/src/bronze/iceberg/duck-stats.ts';
import { fileUri, pathOfFileUri } from '../../tidemark/src/bronze/iceberg/file-uri.ts';
import {
  type LocatedMetadata,
  planMetadataFile,
  readTableMetadata,
} from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { partitionColumns, partitionFromText } from '../../tidemark/src/bronze/iceberg/partition-spec.ts';
import type { TableSchema } from '../../tidemark/src/bronze/iceberg/schema.ts';
import { sortSql } from '../../tidemark/src/bronze/iceberg/sort-order.ts';
import { stageSnapshot } from '../../tidemark/src/bronze/iceberg/stage-snapshot.ts';
import type { TableIo } from '../../tidemark/src/bronze/iceberg/table-io.ts';
import {
  currentSchema,
  defaultSortOrder,
  newSnapshotId,
  partitionLayout,
  type TableMetadata,
} from '../../tidemark/src/bronze/iceberg/table-metadata.ts';

export const CATALOG_NAME = 'tidemark';
export const NAMESPACE = 'bronze';

/** A row as JSON; doubles that JSON cannot hold are the texts `NaN`, `Infinity`, `-Infinity`, `-0.0`. */
export type Row = Readonly<Record<string, unknown>>;

const io: TableIo = {
  read: async (uri) => readFileSync(pathOfFileUri(uri)!),
  write: async (uri, bytes) => {
    const path = pathOfFileUri(uri)!;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { flag: 'wx' });
  },
};

/** The smallest thing that can be called a lakehouse: a folder, a SQLite catalog in the JDBC layout, and DuckDB. */
export class FixtureWarehouse {
  readonly #folder: string;
  readonly #duck: DuckDBConnection;
  readonly #catalog: DatabaseSync;
  #files = 0;

  static async open(folder: string): Promise<FixtureWarehouse> {
    mkdirSync(folder, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
    const duck = await instance.connect();
    await duck.run("SET TimeZone = 'UTC'");
    return new FixtureWarehouse(folder, duck);
  }

  private constructor(folder: string, duck: DuckDBConnection) {
    this.#folder = folder;
    this.#duck = duck;
    this.#catalog = new DatabaseSync(join(folder, 'catalog.db'));
    this.#catalog.exec(`
      CREATE TABLE IF NOT EXISTS iceberg_tables (
        catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
        metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
        PRIMARY KEY (catalog_name, table_namespace, table_name));
      CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
        catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
        property_value VARCHAR(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key));
      INSERT OR IGNORE INTO iceberg_namespace_properties VALUES ('${CATALOG_NAME}', '${NAMESPACE}', 'exists', 'true');
    `);
  }

  close(): void {
    this.#catalog.close();
    this.#duck.closeSync();
  }

  tableLocation(table: string): string {
    return fileUri(join(this.#folder, NAMESPACE, table))!;
  }

  async load(table: string): Promise<LocatedMetadata> {
    const query = 'SELECT metadata_location FROM iceberg_tables WHERE table_namespace = ? AND table_name = ?';
    const row = this.#catalog.prepare(query).get(NAMESPACE, table);
    return readTableMetadata(io, String(row?.metadata_location));
  }

  /** The files of these rows: one, or one for each partition. */
  async writeRows(metadata: TableMetadata, rows: readonly Row[]): Promise<readonly DataFile[]> {
    const schema = currentSchema(metadata);
    const layout = partitionLayout(metadata)!;
    const order = defaultSortOrder(metadata);
    const scratch = join(this.#folder, `scratch-${this.#files++}`);
    writeFileSync(`${scratch}.ndjson`, rows.map((row) => JSON.stringify(row)).join('\n'));
    const partitions = partitionColumns(layout.spec, schema);
    const partitionSql = partitions.map(({ name, sql }) => `, ${sql} AS ${name}`).join('');
    const sorted = sortSql(order, schema);
    const rowsSql = `read_json('${scratch}.ndjson', format = 'newline_delimited', columns = ${jsonColumns(schema)})`;
    const select = `SELECT *${partitionSql} FROM ${rowsSql}${sorted === null ? '' : ` ORDER BY ${sorted}`}`;
    const partitioning =
      partitions.length === 0
        ? ''
        : `, PARTITION_BY (${partitions.map(({ name }) => name).join(', ')}), WRITE_PARTITION_COLUMNS false, FILENAME_PATTERN '{uuid}'`;
    const reader = await this.#duck.runAndReadAll(
      `COPY (${select}) TO '${scratch}.parquet' (FORMAT parquet, COMPRESSION zstd, RETURN_STATS true, FIELD_IDS ${duckFieldIds(schema)}${partitioning})`,
    );
    const files = reader.getRowObjectsJson().map((value) => {
      const row = value as unknown as CopyStats & { readonly filename: string }; // The shape of RETURN_STATS.
      const uri = `${metadata.location}/data/${randomUUID()}.parquet`;
      mkdirSync(dirname(pathOfFileUri(uri)!), { recursive: true });
      copyFileSync(row.filename, pathOfFileUri(uri)!);
      const texts = row.partition_keys?.map(({ value: text }) => text) ?? [];
      return dataFileFromDuckStats({
        row,
        schema,
        uri,
        specId: layout.spec['spec-id'],
        partition: partitionFromText(layout.fields, texts),
        // A partitioned copy does not keep the order within its files.
        sortOrderId: sorted === null || partitions.length > 0 ? null : order['order-id'],
      });
    });
    rmSync(`${scratch}.parquet`, { recursive: true });
    rmSync(`${scratch}.ndjson`);
    return files;
  }

  /** Stages a snapshot on `metadata` without committing it. */
  async stage(
    metadata: TableMetadata,
    change: Pick<Parameters<typeof stageSnapshot>[0], 'operation' | 'addFiles' | 'removeFilePaths'>,
  ): Promise<TableMetadata> {
    const staged = await stageSnapshot({
      io,
      metadata,
      ...change,
      summary: { 'fixture.batch': `batch-${metadata.snapshots.length}` },
      snapshotId: newSnapshotId(randomBytes, metadata),
      commitUuid: randomUUID(),
      nowMs: Date.now(),
    });
    return staged.metadata;
  }

  /** Writes the metadata file and swaps the catalog's pointer, as a writer alone would. */
  async commit(
    table: string,
    change: { base: LocatedMetadata | null; metadata: TableMetadata },
  ): Promise<LocatedMetadata> {
    const next = planMetadataFile({ ...change, uuid: randomUUID(), nowMs: Date.now() });
    await io.write(next.location, next.bytes);
    const swap =
      change.base === null
        ? this.#catalog
            .prepare("INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, 'TABLE')")
            .run(CATALOG_NAME, NAMESPACE, table, next.location)
        : this.#catalog
            .prepare(
              `UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?
               WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?`,
            )
            .run(next.location, change.base.location, CATALOG_NAME, NAMESPACE, table, change.base.location);
    if (swap.changes !== 1) throw new Error(`the swap of ${table} was lost`);
    return next;
  }

  get view(): TableIo {
    return io;
  }
}

function jsonColumns(schema: TableSchema): string {
  const columns = schema.fields.map((field) => `${quoteIdentifier(field.name)}: '${duckType(field.type)}'`);
  return `{${columns.join(', ')}}`;
}
