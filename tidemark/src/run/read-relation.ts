import { resolveReferences } from '../config/resolve-references.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { type DatabaseKind, databaseOf, isDatabaseUrl } from '../model/database-url.ts';
import { loadDialect } from '../source/dialects.ts';
import { openRelation } from '../source/relation/read-relation.ts';
import type { Relation } from '../source/relation/relation.ts';
import { overdue, RelationFailure } from '../source/relation/relation-failure.ts';
import type { RelationLocation } from '../source/relation/relation-location.ts';
import type { RowInterval } from '../source/row-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import { type LandedRows, type LandRows, landRows } from './land-rows.ts';

/** Reads the rows of a table, a view or a query as canonical JSON lines, whole or not at all. */
export async function readRelation(
  engine: Pick<Engine, 'limits' | 'root' | 'connections'>,
  request: LandRows & {
    location: RelationLocation;
    /** Null: all of it. */
    wanted: RowInterval | null;
  },
): Promise<LandedRows | Unreachable> {
  const { limits } = engine;
  const { location, wanted } = request;
  const found = relationOf(engine, location);
  if ('kind' in found) return found;
  const dialect = await loadDialect(found.database);
  let failure: RelationFailure | null = null;
  const read = await landRows(engine, request, {
    open: async (signal) => await openRelation(dialect, { ...found, interval: wanted, limits, signal }),
    failureOf: (error, isLate) => {
      if (!isLate && !(error instanceof RelationFailure)) throw error;
      // Cut at its limit, it looks as if the server had gone.
      failure = error instanceof RelationFailure && !isLate ? error : overdue(error);
      return { reason: failure.message, errno: failure.errno };
    },
  });
  if (read.kind === 'read') return read;
  const { code, message, next } = failure!; // Nothing else ends it without rows.
  return unreachable({ code, message: `${nameOf(location)}: ${message}.`, next });
}

/** What the project says of it, references put in. */
export function relationOf(
  engine: Pick<Engine, 'root' | 'connections'>,
  location: RelationLocation,
): { database: DatabaseKind; url: string; acceptsHidden: boolean; relation: Relation } | Unreachable {
  const { connection: name } = location;
  const connection = connectionOf(engine, name);
  if ('kind' in connection) return connection;
  const { database, url, queries, acceptsHidden } = connection;
  if (database !== location.database)
    return unknown(
      `The url of connection ${name} is ${database}://…, and the manifest asks for ${location.database}.`,
      `Write ${database} in the manifest, or mend connections.${name}.url in tidemark.yaml; then run again.`,
    );
  const of = { database, url, acceptsHidden };
  if (location.kind === 'table') return { ...of, relation: location };
  const text = Object.hasOwn(queries, location.query) ? queries[location.query] : undefined;
  if (text !== undefined) return { ...of, relation: { kind: 'query', name: location.query, text } };
  const known = Object.keys(queries).join(', ') || 'none';
  return unknown(
    `Connection ${name} has no query ${location.query}; it has ${known}.`,
    `Declare connections.${name}.queries.${location.query} in tidemark.yaml, or mend the manifest; then run again.`,
  );
}

/** A database that the project names, references put in. */
export function connectionOf(
  { root, connections }: Pick<Engine, 'root' | 'connections'>,
  name: string,
):
  | {
      database: DatabaseKind;
      url: string;
      queries: Readonly<Record<string, string>>;
      acceptsHidden: boolean;
    }
  | Unreachable {
  const connection = Object.hasOwn(connections, name) ? connections[name] : undefined;
  if (connection === undefined) {
    const known = Object.keys(connections).join(', ') || 'none';
    return unknown(
      `tidemark.yaml has no connection ${name}; it has ${known}.`,
      `Declare connections.${name} with its url in tidemark.yaml, or mend the manifest; then run again.`,
    );
  }
  const url = resolveReferences(connection.url, { root, put: encodeURIComponent });
  const database = databaseOf(connection.url);
  if (url.kind === 'unresolved' || database === null || !isDatabaseUrl(url.text, database))
    return unknown(
      `The url of connection ${name} cannot be used: ${url.kind === 'unresolved' ? url.reason : 'what is put in makes no URL of it'}.`,
      'Set what the message names, then run the same command again.',
    );
  const { queries, rowSecurity } = connection;
  return { database, url: url.text, queries, acceptsHidden: rowSecurity === 'accept' };
}

function unknown(message: string, next: string): Unreachable {
  return unreachable({ code: ERROR_CODES.connection_unknown, message, next });
}

function nameOf(location: RelationLocation): string {
  return `${location.connection}, ${location.kind === 'query' ? `query ${location.query}` : `table ${location.table}`}`;
}

function unreachable(what: Pick<Unreachable, 'code' | 'message' | 'next'>): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', ...what };
}
