/** A table of a SQLite database: `sqlite:<path>?table=<name>`, and `&json=<column>,…` for columns that hold JSON as text. */
export interface TableLocation {
  /** As declared, below the project root. */
  readonly path: string;
  readonly table: string;
  readonly jsonColumns: readonly string[];
}

const SCHEME = 'sqlite:';

export function isTableLocation(declared: string): boolean {
  return declared.startsWith(SCHEME);
}

/** A string says what is wrong with it. */
export function parseTableLocation(declared: string): TableLocation | string {
  const rest = declared.slice(SCHEME.length);
  const mark = rest.indexOf('?');
  const path = mark === -1 ? rest : rest.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : rest.slice(mark + 1));
  const unknown = [...query.keys()].find((name) => name !== 'table' && name !== 'json');
  if (unknown !== undefined) return `it has no parameter ${unknown}; known are table and json`;
  if (path === '' || path.startsWith('//'))
    return 'it names no file: write the path below the project root right after sqlite:';
  const tables = query.getAll('table').filter((name) => name !== '');
  const [table] = tables;
  if (table === undefined || tables.length > 1) return 'it has to name one table, as in ?table=tickets';
  const jsonColumns = query.getAll('json').flatMap((list) => list.split(',').filter((name) => name !== ''));
  return { path, table, jsonColumns };
}
