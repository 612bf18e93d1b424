/** A column as the table declares it. */
export interface TableColumn {
  readonly name: string;
  /** Text of it is JSON, and becomes part of the record as what it says. */
  readonly json: boolean;
  /** 0 and 1 of it are false and true. */
  readonly boolean: boolean;
}

export type Cell = string | number | bigint | Uint8Array | null;

/** A value that has no lossless form in JSON, or is not what its column is declared to hold. */
export class CellRefused extends Error {}

/**
 * A row as one canonical JSON line, columns in the order of their names' code units. NULL is a property left out, for a
 * table has no other way to leave one out. Integers keep every digit; a REAL is the shortest decimal that reads back as
 * the same double. BLOBs and infinities are refused by name: whoever wants them declares a view that says how.
 */
export function rowLine(
  columns: readonly TableColumn[],
  row: Readonly<Record<string, Cell | undefined>>,
): string {
  let line = '';
  for (const column of columns) {
    const value = row[column.name] ?? null;
    if (value === null) continue;
    line += `${line === '' ? '{' : ','}${JSON.stringify(column.name)}:${cellText(column, value)}`;
  }
  return line === '' ? '{}\n' : `${line}}\n`;
}

export function sortColumns(columns: readonly TableColumn[]): TableColumn[] {
  return columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function cellText(column: TableColumn, value: Exclude<Cell, null>): string {
  if (typeof value === 'bigint') {
    if (column.boolean && (value === 0n || value === 1n)) return value === 1n ? 'true' : 'false';
    return String(value);
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value);
    throw refused(column, 'an infinite REAL, which JSON has no number for', 'a finite value');
  }
  if (typeof value === 'string') return column.json ? jsonText(column, value) : JSON.stringify(value);
  throw refused(column, `a BLOB of ${value.length} bytes`, 'hex(...) of it, or leaves it out');
}

/** The text itself, so that its numbers keep their digits; between its tokens only, a line break may stand. */
function jsonText(column: TableColumn, text: string): string {
  try {
    JSON.parse(text);
  } catch {
    throw refused(column, 'text that is not JSON', 'JSON, or take it out of &json=');
  }
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function refused({ name }: TableColumn, holds: string, mend: string): CellRefused {
  return new CellRefused(`column ${name} holds ${holds}; declare a view in its place that has ${mend}`);
}
