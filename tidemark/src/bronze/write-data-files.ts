import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, placeWritten } from '../landing/durable-files.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import { type DataEngine, sqlName, sqlText } from './data-engine.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { duckFieldIds } from './iceberg/duck-columns.ts';
import { type CopyStats, dataFileFromDuckStats } from './iceberg/duck-stats.ts';
import { partitionColumns, partitionFromText, partitionType } from './iceberg/partition-spec.ts';
import type { OpenTable } from './open-table.ts';
import { type ConstantColumns, sortedRows } from './sorted-rows.ts';
import { uriOf } from './table-io.ts';

/**
 * Of a file that is written while its unit is refined, for memory: of the default of 122,880 the writer takes twice what
 * it takes of 30,720, and of those a third more than of these, for files that are 0.4% and 1.7% larger (measured).
 * Maintenance writes such files anew, by groups of 30,720.
 */
const ROW_GROUP_ROWS = 10_240;

/**
 * zstd at its first level, and no Bloom filters, which no reader of ours asks: a tenth less CPU than DuckDB's defaults for
 * files that are 3% larger (measured on 100 MB of tickets). Snappy would save half as much again, at 1.8 times the size.
 * A column of many values is given up as a dictionary after 2,048 of them and not after a fifth of the row group: another
 * 7% less CPU, files 0.4% larger.
 */
export const ENCODING = [
  'COMPRESSION zstd',
  'COMPRESSION_LEVEL 1',
  'WRITE_BLOOM_FILTER false',
  'DICTIONARY_SIZE_LIMIT 2048',
];

/**
 * Writes the rows of `select` (columns by name) as data files in their final place, durable, with the
 * anchors in their key-value metadata. No snapshot names them yet, so no reader sees them.
 * Files are named `<run>-<unit>-<number>.parquet`: a run that dies leaves files that are known to be its own.
 */
export async function writeDataFiles(
  engine: DataEngine,
  options: {
    table: OpenTable;
    /** The rows without the columns of `constants`. */
    select: string;
    constants: ConstantColumns;
    anchors: Anchors;
    unitKey: string;
    /** Distinguishes several writings of one unit into one table. */
    part: number;
    scratchDir: string;
  },
): Promise<DataFile[]> {
  const { table, anchors, unitKey, part } = options;
  const folder = join(options.scratchDir, `parquet-${table.definition.name}-${part}`);
  // An attempt that ran out of memory may have left something.
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  const partitions = partitionColumns(table.spec, table.schema);
  const target = partitions.length > 0 ? folder : join(folder, 'data.parquet');
  const metadata = Object.entries({ ...anchorValues(anchors), unit_key: unitKey });
  const copy = [
    'FORMAT parquet',
    ...ENCODING,
    `ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`,
    `FIELD_IDS ${duckFieldIds(table.schema)}`,
    `KV_METADATA {${metadata.map(([key, value]) => `${sqlName(key)}: ${sqlText(value)}`).join(', ')}}`,
    'RETURN_STATS true',
  ];
  if (partitions.length > 0) {
    const names = partitions.map((partition) => partition.name).join(', ');
    copy.push(`PARTITION_BY (${names})`, 'WRITE_PARTITION_COLUMNS false', "FILENAME_PATTERN '{uuid}'");
  }
  const source = sortedRows(options);
  const rows = await engine.jsonRows(`COPY (${source}) TO ${sqlText(target)} (${copy.join(', ')})`);
  const partitionTypes = partitionType(table.spec, (id) =>
    String(table.schema.fields.find((field) => field.id === id)?.type),
  );
  const files: DataFile[] = [];
  for (const [index, row] of rows.entries()) {
    const written = row as unknown as CopyStats & { filename: string }; // The shape of RETURN_STATS.
    if (Number(written.count) === 0) continue;
    const name = `${anchors.runId}-${unitKey.slice(0, 12)}-${part}${rows.length > 1 ? `-${index}` : ''}.parquet`;
    const place = join(table.dir, 'data', name);
    await placeWritten(written.filename, place);
    files.push(
      dataFileFromDuckStats({
        row: written,
        schema: table.schema,
        uri: uriOf(place),
        specId: table.spec['spec-id'],
        partition: partitionFromText(
          partitionTypes,
          partitions.map(
            ({ name: key }) => written.partition_keys?.find((entry) => entry.key === key)?.value ?? null,
          ),
        ),
        // A partitioned COPY does not keep the order inside its files, whatever ORDER BY says.
        sortOrderId: partitions.length > 0 ? null : table.sortOrder['order-id'],
      }),
    );
  }
  return files;
}
