import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { homeAt } from '../landing/home.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { openDataEngine, sqlText } from './data-engine.ts';
import type { TableColumn } from './iceberg/schema.ts';
import { type OpenTable, openTable } from './open-table.ts';
import { type ConstantColumns, sortedRows } from './sorted-rows.ts';

const column = (name: string, kind: 'string' | 'long'): TableColumn => ({
  name,
  type: { kind },
  required: false,
});
const COLUMNS = [
  column('batch_id', 'string'),
  column('record_line', 'long'),
  column('rank', 'long'),
  column('note', 'string'),
];

interface Given {
  readonly sortBy: string | null;
  readonly partitionBy?: readonly string[];
  readonly select: string;
  readonly constants: ConstantColumns;
  /** What the contract has; the table has all of `COLUMNS`. */
  readonly wanted?: readonly TableColumn[];
}

async function withTable<T>(
  given: Given,
  work: (table: OpenTable, folder: string) => Promise<T>,
): Promise<T> {
  await using folder = await tempFolder();
  const catalog = openSqliteCatalog({ path: join(folder.path, 'catalog.db'), readOnly: false });
  try {
    const table = await openTable({
      catalog,
      home: homeAt(folder.path),
      definition: { name: 'notes', columns: COLUMNS, sortBy: given.sortBy },
      partitionBy: given.partitionBy ?? [],
      now: new Date(0),
    });
    const definition = { ...table.definition, columns: given.wanted ?? COLUMNS };
    return await work({ ...table, definition }, folder.path);
  } finally {
    await catalog.destroy();
  }
}

/** The rows as they stand in a file written from the query, with its columns. */
async function written(given: Given): Promise<unknown[][]> {
  return await withTable(given, async (table, folder) => {
    await using engine = await openDataEngine({ spillDir: join(folder, 'spill'), limits: DEFAULT_LIMITS });
    const path = sqlText(join(folder, 'rows.parquet'));
    await engine.run(
      `COPY (${sortedRows({ ...given, table })}) TO ${path} (FORMAT parquet, ROW_GROUP_SIZE 30720)`,
    );
    const rows = await engine.jsonRows(
      `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${path}, file_row_number = true) ORDER BY file_row_number`,
    );
    return rows.map((row) => Object.values(row));
  });
}

const TWO_ROWS = `SELECT * FROM (VALUES (1, 7, 'late'), (2, 3, 'early')) t(record_line, rank, note)`;

describe('the rows of a data file', () => {
  it('stand in the order of the table, then of the source, however many row groups they fill', async () => {
    const select = `SELECT 200_000 - range AS record_line, range % 7 AS rank, 'n' AS note FROM range(200_000)`;
    const rows = await written({ sortBy: 'rank', select, constants: { batch_id: "'b'" } });
    assert.equal(rows.length, 200_000);
    const places = rows.map(([, line, rank]) => Number(rank) * 1_000_000 + Number(line));
    assert.ok(places.every((place, at) => at === 0 || place > (places[at - 1] as number)));
  });

  it('hold all columns in the order of the table, the constant ones too', async () => {
    const constants = { batch_id: "'b''1'", unknown: "'not a column'" };
    assert.deepEqual(await written({ sortBy: 'rank', select: TWO_ROWS, constants }), [
      ["b'1", 2, 3, 'early'],
      ["b'1", 1, 7, 'late'],
    ]);
  });

  it('may be sorted by a constant column', async () => {
    const rows = await written({ sortBy: 'batch_id', select: TWO_ROWS, constants: { batch_id: "'b'" } });
    assert.deepEqual(
      rows.map(([, line]) => line),
      [1, 2],
    );
  });

  it('may be partitioned by a constant column, and end with the partition', async () => {
    const partitionBy = ['batch_id'];
    const given = { sortBy: 'rank', partitionBy, select: TWO_ROWS, constants: { batch_id: "'b'" } };
    assert.deepEqual(await written(given), [
      ['b', 2, 3, 'early', 'b'],
      ['b', 1, 7, 'late', 'b'],
    ]);
  });

  it('are null in a column that the contract no longer has, even where it sorts the table', async () => {
    const wanted = COLUMNS.filter(({ name }) => name !== 'rank');
    const select = `SELECT record_line, note FROM (${TWO_ROWS})`;
    assert.deepEqual(await written({ sortBy: 'rank', select, constants: { batch_id: "'b'" }, wanted }), [
      ['b', 1, null, 'late'],
      ['b', 2, null, 'early'],
    ]);
  });
});
