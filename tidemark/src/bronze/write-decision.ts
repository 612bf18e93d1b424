import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../landing/durable-files.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import { type DataEngine, sqlList, sqlName, sqlText } from './data-engine.ts';
import { duckType } from './iceberg/duck-columns.ts';
import type { OpenTable } from './open-table.ts';
import type { PreparedFiles } from './prepared-unit.ts';
import { writeDataFiles } from './write-data-files.ts';
import { prepared } from './write-unit.ts';

/** Writes the one quarantine row of a decision. */
export async function writeDecision(
  engine: DataEngine,
  options: {
    table: OpenTable;
    anchors: Anchors;
    unitKey: string;
    ingestedAt: string;
    scratchDir: string;
    row: Readonly<Record<string, unknown>>;
  },
): Promise<PreparedFiles> {
  const { table, anchors, unitKey, scratchDir } = options;
  await makeFolder(scratchDir);
  const path = join(scratchDir, 'decision.ndjson');
  const row = {
    ...anchorValues(anchors),
    unit_key: unitKey,
    ingested_at: options.ingestedAt,
    ...options.row,
  };
  await writeFile(path, `${JSON.stringify(row)}\n`);
  const columns = table.schema.fields.map(
    (field) => `${sqlName(field.name)}: ${sqlText(duckType(field.type))}`,
  );
  const select = `SELECT * FROM read_json(${sqlList([path])}, format = 'newline_delimited', columns = {${columns.join(', ')}})`;
  return prepared(
    table,
    await writeDataFiles(engine, { table, select, constants: {}, anchors, unitKey, part: 0, scratchDir }),
  );
}
