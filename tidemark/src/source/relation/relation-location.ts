import { DATABASES, type DatabaseKind } from '../../model/database-url.ts';

/** A table, a view, or a query of a database that `tidemark.yaml` names. */
export type RelationLocation = {
  readonly database: DatabaseKind;
  /** Its name under `connections` of `tidemark.yaml`. */
  readonly connection: string;
} & (
  | {
      readonly kind: 'table';
      /** Null: where the connection looks first. */
      readonly namespace: string | null;
      readonly table: string;
    }
  /** By its name under `connections.<name>.queries`: SQL stands in no manifest. */
  | { readonly kind: 'query'; readonly query: string }
);

const SCHEME = new RegExp(`^(${DATABASES.join('|')}):`);
/** As in SQL, but that nothing is folded to lower case; what has a dot or a quote in it is quoted. */
const NAME = '[^."]+|"(?:[^"]|"")+"';
const TABLE = new RegExp(`^(?:(${NAME})\\.)?(${NAME})$`, 'su');

export function isRelationLocation(declared: string): boolean {
  return SCHEME.test(declared);
}

/** `<database>:<connection>?table=<schema>.<table>` or `?query=<name>`. A string says what is wrong with it. */
export function parseRelationLocation(declared: string): RelationLocation | string {
  const database = SCHEME.exec(declared)?.[1] as DatabaseKind;
  const scheme = `${database}:`;
  const [connection = '', query = ''] = declared.slice(scheme.length).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => name !== 'table' && name !== 'query');
  if (unknown !== undefined) return `it has no parameter ${unknown}; known are table and query`;
  if (connection.startsWith('//'))
    return `it is a URL: give the database a name under connections in tidemark.yaml, and write that right after ${scheme}`;
  if (connection === '')
    return `it names no connection: write its name in tidemark.yaml right after ${scheme}`;
  const [named, ...others] = [...parameters].filter(([, value]) => value !== '');
  if (named === undefined || others.length > 0)
    return 'it has to name one table, as in ?table=public.tickets, or one query';
  const [kind, value] = named;
  if (kind === 'query') return { database, kind, connection, query: value };
  const match = TABLE.exec(value);
  if (match === null)
    return `${value} is no name of a table: write schema.table, and what has a dot in it in double quotes`;
  const [, namespace, table = ''] = match;
  return {
    database,
    kind: 'table',
    connection,
    namespace: namespace === undefined ? null : bare(namespace),
    table: bare(table),
  };
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
