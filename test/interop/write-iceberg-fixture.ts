/**
 * Writes tables for another reader to check.
 *
 *   node write-iceberg-fixture.ts write <folder>           tables, catalog.db and expected.json
 *   node write-iceberg-fixture.ts append <folder> <table>  one more commit on a table that another writer has changed
 *   node write-iceberg-fixture.ts replace <folder> <table> removes the file of the lowest sequence number
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evolveSchema } from '../../tidemark/src/bronze/iceberg/evolve-schema.ts';
import type { LocatedMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { parsePartitionSpec, UNPARTITIONED } from '../../tidemark/src/bronze/iceberg/partition-spec.ts';
import {
  hasDeleteFiles,
  type LiveFile,
  liveDataFiles,
} from '../../tidemark/src/bronze/iceberg/read-table.ts';
import { columnByName, icebergSchema, type TableColumn } from '../../tidemark/src/bronze/iceberg/schema.ts';
import { ascendingBy } from '../../tidemark/src/bronze/iceberg/sort-order.ts';
import {
  currentSchema,
  newTableMetadata,
  type TableMetadata,
  withSchema,
  withTag,
} from '../../tidemark/src/bronze/iceberg/table-metadata.ts';
import {
  EVERY_TYPE,
  EVERY_TYPE_LATER,
  everyTypeRows,
  LATER_ROWS,
  PARTITIONINGS,
  rangeRows,
  ticketRows,
} from './fixture-rows.ts';
import { FixtureWarehouse, type Row } from './fixture-warehouse.ts';

interface ExpectedTable {
  readonly columns: readonly TableColumn[];
  /** Rows of the table at each of its snapshots, in order; the last is the current state. */
  readonly snapshots: { readonly id: string; readonly rows: readonly Row[] }[];
  readonly tags: Record<string, string>;
}

const [command, folder, tableName] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('usage: write-iceberg-fixture.ts write|append|replace <folder> [table]');
const warehouse = await FixtureWarehouse.open(folder);
try {
  if (command === 'write') await writeAll();
  if (command === 'append') await appendTo(tableName!);
  if (command === 'replace') await replaceIn(tableName!);
} finally {
  warehouse.close();
}

async function writeAll(): Promise<void> {
  const expected: Record<string, ExpectedTable> = {
    everything: await writeEverything(),
    ranges: await writeRanges(),
    empty: await writeEmpty(),
    bare_snapshot: await writeBareSnapshot(),
    shared: await writeShared('shared', []),
    shared_by_day: await writeShared('shared_by_day', ['day(created_at)', 'identity(product)']),
  };
  for (const [name, partitionBy] of Object.entries(PARTITIONINGS)) {
    expected[name] = await writePartitioned(name, partitionBy);
  }
  writeFileSync(join(folder!, 'expected.json'), JSON.stringify(expected, null, 1));
}

function newTable(
  name: string,
  table: { columns: readonly TableColumn[]; partitionBy?: readonly string[]; sortBy?: string },
) {
  const schema = icebergSchema(table.columns);
  const reading = parsePartitionSpec(table.partitionBy ?? [], schema);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  const sortField = table.sortBy === undefined ? null : columnByName(schema, table.sortBy);
  return newTableMetadata({
    uuid: crypto.randomUUID(),
    location: warehouse.tableLocation(name),
    schema,
    spec: reading.kind === 'parsed' ? reading.spec : UNPARTITIONED,
    ...(sortField === null ? {} : { sortOrder: ascendingBy(sortField.id) }),
    nowMs: Date.now(),
  });
}

/** Every type, its extremes and its nulls; appends, an added column, an overwrite, a delete, a summary alone, a tag. */
async function writeEverything(): Promise<ExpectedTable> {
  const states: { id: string; rows: readonly Row[] }[] = [];
  let table = await warehouse.commit('everything', {
    base: null,
    metadata: newTable('everything', { columns: EVERY_TYPE, sortBy: 'created_at' }),
  });
  const step = async (metadata: TableMetadata, rows: readonly Row[]) => {
    table = await warehouse.commit('everything', { base: table, metadata });
    states.push({ id: String(metadata['current-snapshot-id']), rows });
  };
  const { ordinary, extreme, nulls, replacement } = everyTypeRows();
  const first = await warehouse.writeRows(table.metadata, ordinary);
  await step(await warehouse.stage(table.metadata, { operation: 'append', addFiles: first }), ordinary);
  const second = await warehouse.writeRows(table.metadata, extreme);
  await step(await warehouse.stage(table.metadata, { operation: 'append', addFiles: second }), [
    ...ordinary,
    ...extreme,
  ]);

  const tagged = withTag(table.metadata, {
    name: 'before-evolution',
    snapshotId: table.metadata['current-snapshot-id']!,
  });
  const evolution = evolveSchema({
    current: currentSchema(tagged),
    lastColumnId: tagged['last-column-id'],
    wanted: EVERY_TYPE_LATER,
  });
  if (evolution.kind !== 'evolved') throw new Error(`the schema is ${evolution.kind}`);
  const evolved = withSchema(tagged, evolution);
  const later = [...nulls, ...LATER_ROWS];
  const third = await warehouse.writeRows(evolved, later);
  const grown = [...ordinary, ...extreme, ...later];
  await step(await warehouse.stage(evolved, { operation: 'append', addFiles: third }), grown);

  const fourth = await warehouse.writeRows(table.metadata, replacement);
  const overwrite = {
    operation: 'overwrite',
    addFiles: fourth,
    removeFilePaths: new Set([first[0]!.uri]),
  } as const;
  await step(await warehouse.stage(table.metadata, overwrite), [...replacement, ...extreme, ...later]);
  const removal = { operation: 'delete', addFiles: [], removeFilePaths: new Set([second[0]!.uri]) } as const;
  await step(await warehouse.stage(table.metadata, removal), [...replacement, ...later]);
  await step(await warehouse.stage(table.metadata, { operation: 'append', addFiles: [] }), [
    ...replacement,
    ...later,
  ]);
  const back = await warehouse.writeRows(table.metadata, extreme);
  await step(await warehouse.stage(table.metadata, { operation: 'append', addFiles: back }), [
    ...replacement,
    ...later,
    ...extreme,
  ]);
  return { columns: EVERY_TYPE_LATER, snapshots: states, tags: { 'before-evolution': states[1]!.id } };
}

/** Files with disjoint ranges in every column, so that a filter must leave most of them out. */
async function writeRanges(): Promise<ExpectedTable> {
  const metadata = newTable('ranges', { columns: EVERY_TYPE, sortBy: 'created_at' });
  const groups = rangeRows();
  const files = [];
  for (const rows of groups) files.push(...(await warehouse.writeRows(metadata, rows)));
  const staged = await warehouse.stage(metadata, { operation: 'append', addFiles: files });
  await warehouse.commit('ranges', { base: null, metadata: staged });
  return {
    columns: EVERY_TYPE,
    snapshots: [{ id: String(staged['current-snapshot-id']), rows: groups.flat() }],
    tags: {},
  };
}

async function writeEmpty(): Promise<ExpectedTable> {
  await warehouse.commit('empty', { base: null, metadata: newTable('empty', { columns: EVERY_TYPE }) });
  return { columns: EVERY_TYPE, snapshots: [], tags: {} };
}

async function writeBareSnapshot(): Promise<ExpectedTable> {
  const metadata = newTable('bare_snapshot', { columns: EVERY_TYPE });
  const staged = await warehouse.stage(metadata, { operation: 'append', addFiles: [] });
  await warehouse.commit('bare_snapshot', { base: null, metadata: staged });
  return {
    columns: EVERY_TYPE,
    snapshots: [{ id: String(staged['current-snapshot-id']), rows: [] }],
    tags: {},
  };
}

/** Tables that the other side will append to. */
async function writeShared(name: string, partitionBy: readonly string[]): Promise<ExpectedTable> {
  const rows = ticketRows('first');
  const { columns } = rows;
  const metadata = newTable(name, { columns, partitionBy, sortBy: 'created_at' });
  const files = await warehouse.writeRows(metadata, rows.rows);
  const staged = await warehouse.stage(metadata, { operation: 'append', addFiles: files });
  await warehouse.commit(name, { base: null, metadata: staged });
  return { columns, snapshots: [{ id: String(staged['current-snapshot-id']), rows: rows.rows }], tags: {} };
}

async function writePartitioned(name: string, partitionBy: readonly string[]): Promise<ExpectedTable> {
  const { columns, rows } = ticketRows('partitioned');
  const half = Math.floor(rows.length / 2);
  let table = await warehouse.commit(name, {
    base: null,
    metadata: newTable(name, { columns, partitionBy }),
  });
  const states: ExpectedTable['snapshots'] = [];
  const live: Row[] = [];
  for (const part of [rows.slice(0, half), rows.slice(half)]) {
    const files = await warehouse.writeRows(table.metadata, part);
    const metadata = await warehouse.stage(table.metadata, { operation: 'append', addFiles: files });
    table = await warehouse.commit(name, { base: table, metadata });
    live.push(...part);
    states.push({ id: String(metadata['current-snapshot-id']), rows: [...live] });
  }
  return { columns, snapshots: states, tags: {} };
}

async function appendTo(name: string): Promise<void> {
  const base = await warehouse.load(name);
  const { rows } = ticketRows(`append-${base.metadata.snapshots.length}`);
  const files = await warehouse.writeRows(base.metadata, rows);
  const metadata = await warehouse.stage(base.metadata, { operation: 'append', addFiles: files });
  await report(await warehouse.commit(name, { base, metadata }), rows);
}

async function replaceIn(name: string): Promise<void> {
  const base = await warehouse.load(name);
  const live = await liveFiles(base);
  const oldest = live.reduce((a, b) => (a.sequenceNumber <= b.sequenceNumber ? a : b));
  const { rows } = ticketRows(`replace-${base.metadata.snapshots.length}`);
  const addFiles = await warehouse.writeRows(base.metadata, rows);
  const change = { operation: 'overwrite', addFiles, removeFilePaths: new Set([oldest.uri]) } as const;
  const metadata = await warehouse.stage(base.metadata, change);
  await report(await warehouse.commit(name, { base, metadata }), rows, oldest.uri);
}

/** What this side believes of the table now, for the other side to compare. */
async function report(table: LocatedMetadata, rows: readonly Row[], removed?: string): Promise<void> {
  const files = (await liveFiles(table)).map(({ uri, recordCount, sequenceNumber, addedSnapshotId }) => ({
    uri,
    recordCount,
    sequenceNumber,
    addedSnapshotId: String(addedSnapshotId),
  }));
  const current = table.metadata.snapshots.at(-1);
  const answer = {
    rows,
    removed,
    files,
    hasDeleteFiles: await hasDeleteFiles({ io: warehouse.view, metadata: table.metadata }),
    summary: current?.summary,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function liveFiles({ metadata }: LocatedMetadata): Promise<LiveFile[]> {
  const files: LiveFile[] = [];
  for await (const file of liveDataFiles({ io: warehouse.view, metadata })) files.push(file);
  return files;
}
