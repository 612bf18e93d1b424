import { hash, randomUUID } from 'node:crypto';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';
import { evolveSchema } from './iceberg/evolve-schema.ts';
import { type LocatedMetadata, readTableMetadata } from './iceberg/metadata-file.ts';
import { type PartitionSpec, parsePartitionSpec } from './iceberg/partition-spec.ts';
import { columnByName, icebergSchema, type TableSchema } from './iceberg/schema.ts';
import { ascendingBy, type SortOrder, UNSORTED } from './iceberg/sort-order.ts';
import {
  currentSchema,
  defaultSortOrder,
  defaultSpec,
  newTableMetadata,
  type TableMetadata,
  withSchema,
} from './iceberg/table-metadata.ts';
import type { TableDefinition } from './table-definitions.ts';
import { tableIo, uriOf } from './table-io.ts';

/** A table as it is, made ready to take rows of the wanted columns. Nothing was written. */
export interface OpenTable {
  readonly definition: TableDefinition;
  /** Folder of the table's `data/` and `metadata/`. */
  readonly dir: string;
  /** What the catalog points to; null for a table that does not exist yet. */
  readonly base: LocatedMetadata | null;
  /** With columns added where the contract has new ones. */
  readonly metadata: TableMetadata;
  readonly schema: TableSchema;
  readonly spec: PartitionSpec;
  readonly sortOrder: SortOrder;
  /** Identity of names, ids and partitioning: files of another layout cannot be added. */
  readonly layout: string;
  readonly headSnapshotId: string | null;
}

/** @throws ConfigurationError schema_change_refused, partitioning_refused, partitioning_changed */
export async function openTable(options: {
  catalog: CatalogReader;
  home: Home;
  definition: TableDefinition;
  partitionBy: readonly string[];
  now: Date;
}): Promise<OpenTable> {
  const { definition, home } = options;
  const pointer = await findTable(options.catalog, definition.name);
  const dir = home.tableDir(definition.name);
  const base = pointer === null ? null : await readTableMetadata(tableIo, pointer.metadataLocation);
  const metadata =
    base === null
      ? newTable({ ...options, dir })
      : evolved({ current: base.metadata, definition, partitionBy: options.partitionBy });
  const schema = currentSchema(metadata);
  const spec = defaultSpec(metadata);
  const head = metadata['current-snapshot-id'];
  return {
    definition,
    dir,
    base,
    metadata,
    schema,
    spec,
    sortOrder: defaultSortOrder(metadata),
    layout: hash('sha256', JSON.stringify([schema.fields, spec.fields])).slice(0, 16),
    headSnapshotId: head === null ? null : String(head),
  };
}

function newTable({
  definition,
  partitionBy,
  dir,
  now,
}: {
  definition: TableDefinition;
  partitionBy: readonly string[];
  dir: string;
  now: Date;
}): TableMetadata {
  const schema = icebergSchema(definition.columns);
  const spec = declaredSpec({ definition, partitionBy, schema });
  const sortField = definition.sortBy === null ? null : columnByName(schema, definition.sortBy);
  return newTableMetadata({
    uuid: randomUUID(),
    location: uriOf(dir),
    schema,
    spec,
    sortOrder: sortField === null ? UNSORTED : ascendingBy(sortField.id),
    nowMs: now.getTime(),
  });
}

function declaredSpec({
  definition,
  partitionBy,
  schema,
}: {
  definition: TableDefinition;
  partitionBy: readonly string[];
  schema: TableSchema;
}): PartitionSpec {
  const reading = parsePartitionSpec(partitionBy, schema);
  if (reading.kind === 'parsed') return reading.spec;
  const problems = reading.problems.map(
    (problem) => `${problem.text}: expected ${problem.expected}, found ${problem.found}`,
  );
  throw new ConfigurationError({
    code: ERROR_CODES.partitioning_refused,
    message: `Partitioning of ${definition.name} cannot be used: ${problems.join('; ')}`,
    next: `Mend tables.${definition.name}.partition_by in tidemark.yaml, then run the same command again.`,
  });
}

function evolved({
  current,
  definition,
  partitionBy,
}: {
  current: TableMetadata;
  definition: TableDefinition;
  partitionBy: readonly string[];
}): TableMetadata {
  const schema = currentSchema(current);
  const declared = declaredSpec({ definition, partitionBy, schema });
  const existing = defaultSpec(current);
  const form = (spec: PartitionSpec) =>
    spec.fields.map((field) => `${field.transform}(${field['source-id']})`).join(', ');
  if (form(declared) !== form(existing)) {
    throw new ConfigurationError({
      code: ERROR_CODES.partitioning_changed,
      message: `Table ${definition.name} is partitioned by [${form(existing)}]; declared is [${form(declared)}] (column ids).`,
      next: `Restore tables.${definition.name}.partition_by in tidemark.yaml, then run the same command again.`,
    });
  }
  const evolution = evolveSchema({
    current: schema,
    lastColumnId: current['last-column-id'],
    wanted: definition.columns,
  });
  if (evolution.kind === 'unchanged') return current;
  if (evolution.kind === 'evolved') return withSchema(current, evolution);
  const changes = evolution.changes.map(
    (change) => `${change.rule} ${change.column}: ${change.found}, was ${change.expected}`,
  );
  throw new ConfigurationError({
    code: ERROR_CODES.schema_change_refused,
    message: `Table ${definition.name} cannot take its contract's columns: ${changes.join('; ')}`,
    next: 'Restore the contract (additions alone are taken by themselves), then run the same command again.',
    facts: { changes: evolution.changes },
  });
}
