import pg from 'pg';
import { shownDatabaseUrl } from '../../model/database-url.ts';
import type { Limits } from '../../model/limits.ts';
import type { Session as AnySession } from '../relation/dialect.ts';
import { failureOf } from './failure-of.ts';

/** Connecting to a server that does not answer. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Silence on the line before the system asks whether the other side is there. */
const KEEPALIVE_DELAY_MS = 10_000;

export interface Session extends AnySession {
  readonly client: pg.Client;
  /** Rows as lists of text. @throws RelationFailure */
  rows(sql: string, parameters?: readonly unknown[]): Promise<(string | null)[][]>;
}

/** One connection. It is cut when the signal is given, and then what waits for it fails. @throws RelationFailure */
export async function connect({ url, signal }: { url: string; signal: AbortSignal }): Promise<Session> {
  signal.throwIfAborted();
  const place = shownDatabaseUrl(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_DELAY_MS,
    application_name: 'tidemark',
    client_encoding: 'UTF8',
    types: { getTypeParser: () => (text: string) => text },
  });
  // Told by whoever waits for it; as an event it would end the process.
  client.on('error', () => undefined);
  const end = async () => await client.end().catch(() => undefined);
  // Taking leave is for a server that answers.
  const cut = () => void client.connection.stream.destroy();
  signal.addEventListener('abort', cut, { once: true });
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, { place });
    }
  };
  const dispose = async () => {
    signal.removeEventListener('abort', cut);
    await end();
  };
  try {
    await attempt(async () => await client.connect());
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    client,
    place,
    rows: async (sql, parameters = []) => {
      const asked = { text: sql, values: [...parameters], rowMode: 'array' as const };
      return (await attempt(async () => await client.query<(string | null)[]>(asked))).rows;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/**
 * One moment of the database, in which all that follows is read. What shapes the text of values is set for it alone, so
 * that it holds behind a pooler too, and no setting of the role or the database shows in what is read.
 */
export async function beginSnapshot(
  { rows }: Session,
  {
    databaseLockMs,
    databaseTotalMs,
    acceptsHidden,
  }: Pick<Limits, 'databaseLockMs' | 'databaseTotalMs'> & { acceptsHidden: boolean },
): Promise<void> {
  await rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const settings = {
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'iso_8601',
    bytea_output: 'hex',
    // The shortest decimal that reads back as the same number.
    extra_float_digits: '1',
    lock_timeout: String(databaseLockMs),
    statement_timeout: String(databaseTotalMs),
    // Off: what a policy would leave rows out of is an error instead.
    row_security: acceptsHidden ? 'on' : 'off',
  };
  const set =
    'SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS setting (name, value)';
  await rows(set, [Object.keys(settings), Object.values(settings)]);
}
