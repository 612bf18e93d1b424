import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, placeWritten } from '../../landing/durable-files.ts';
import { type DataEngine, sqlName, sqlText } from '../data-engine.ts';
import type { DataFile } from '../iceberg/data-file.ts';
import { duckFieldIds } from '../iceberg/duck-columns.ts';
import { type CopyStats, dataFileFromDuckStats } from '../iceberg/duck-stats.ts';
import { uriOf } from '../table-io.ts';
import { ENCODING } from '../write-data-files.ts';
import type { Versions } from './version-rows.ts';

/** As maintenance writes them. */
const ROW_GROUP_ROWS = 30_720;

/** Where files of a fold go. */
export interface FoldTarget {
  /** Folder of the table. */
  readonly dir: string;
  /** Begins with the id of the run or operation, and no two attempts share one. */
  readonly name: string;
  readonly scratchDir: string;
  readonly specId: number;
  readonly sortOrderId: number;
  readonly fileBytesTarget: number;
}

/** Writes rows as files of one key after the other, in their final place and durable; no snapshot names them yet. */
export async function writeCurrentFiles(
  engine: DataEngine,
  { rows, part, schema, rule, target }: Versions & { rows: string; part: number; target: FoldTarget },
): Promise<DataFile[]> {
  const { name, dir, scratchDir, fileBytesTarget, specId, sortOrderId } = target;
  const folder = join(scratchDir, `${name}-${part}`);
  // An attempt that ran out of memory may have left something.
  await rm(folder, { recursive: true, force: true });
  await makeFolder(scratchDir);
  const written = await engine.jsonRows(
    `COPY (${rows} ORDER BY ${sqlName(rule.key)}) TO ${sqlText(folder)} (FORMAT parquet, ${ENCODING.join(', ')},
       ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, FILE_SIZE_BYTES ${fileBytesTarget}, FIELD_IDS ${duckFieldIds(schema)}, RETURN_STATS true)`,
  );
  const files: DataFile[] = [];
  for (const [index, value] of written.entries()) {
    const row = value as unknown as CopyStats & { filename: string }; // The shape of RETURN_STATS.
    if (Number(row.count) === 0) continue;
    const place = join(dir, 'data', `${name}-${part}-${index}.parquet`);
    await placeWritten(row.filename, place);
    files.push(dataFileFromDuckStats({ row, schema, uri: uriOf(place), specId, partition: [], sortOrderId }));
  }
  await rm(folder, { recursive: true, force: true });
  return files;
}
