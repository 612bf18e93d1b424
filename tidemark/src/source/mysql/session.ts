import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { type Connection, createConnection, type FieldPacket, type RowDataPacket } from 'mysql2';
import { shownDatabaseUrl } from '../../model/database-url.ts';
import type { Limits } from '../../model/limits.ts';
import type { Session as AnySession } from '../relation/dialect.ts';
import { connectionOptions } from './connection-options.ts';
import { failureOf } from './failure-of.ts';

/** Connecting to a server that does not answer. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Silence on the line before the system asks whether the other side is there. */
const KEEPALIVE_DELAY_MS = 10_000;

export interface Session extends AnySession {
  readonly connection: Connection;
  /** As the server writes it, such as `10.11.6-MariaDB`. */
  readonly version: string;
  /** The columns that a statement gives. @throws RelationFailure */
  fields(sql: string): Promise<readonly FieldPacket[]>;
  /** Leaves without a word, in the middle of rows. */
  cut(): void;
}

export function isMariadb({ version }: Pick<Session, 'version'>): boolean {
  return version.includes('MariaDB');
}

/** Values as the bytes of the text that the server writes: the driver converts nothing. */
export const AS_WRITTEN = { rowsAsArray: true, typeCast: false } as const;

type Cells = readonly (Buffer | null)[];

/** One connection. It is cut when the signal is given, and then what waits for it fails. @throws RelationFailure */
export async function connect({ url, signal }: { url: string; signal: AbortSignal }): Promise<Session> {
  signal.throwIfAborted();
  const place = shownDatabaseUrl(url);
  const { host, port, ...options } = connectionOptions(url);
  // Our own, so that it can be cut with whatever waits for it being told.
  const socket = connectSocket({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_DELAY_MS,
  });
  const connection = createConnection({
    ...options,
    host,
    port,
    stream: socket,
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    // A server must not have files of this machine sent to it.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'tidemark' },
  });
  // Told by whoever waits for it; as an event it would end the process.
  connection.on('error', () => undefined);
  const cut = () => void socket.destroy();
  signal.addEventListener('abort', cut, { once: true });
  const attempt = async <T>(work: (done: (error: unknown, result?: T) => void) => void): Promise<T> => {
    try {
      return await new Promise<T>((resolve, reject) =>
        work((error, result) => (error == null ? resolve(result as T) : reject(error))),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, { place });
    }
  };
  const query = async (sql: string) =>
    await attempt<{ rows: readonly Cells[]; fields: readonly FieldPacket[] }>((done) =>
      connection.query<RowDataPacket[]>({ sql, ...AS_WRITTEN }, (error, rows, fields) =>
        done(error, { rows: rows as unknown as Cells[], fields }),
      ),
    );
  const rows = async (sql: string) => {
    const found = await query(sql);
    return (Array.isArray(found.rows) ? found.rows : []).map((cells: Cells) =>
      cells.map((cell) => cell?.toString() ?? null),
    );
  };
  try {
    await attempt<void>((done) => connection.connect(done));
    const [[version] = []] = await rows('SELECT version()');
    return {
      connection,
      place,
      version: String(version),
      rows,
      fields: async (sql) => (await query(sql)).fields,
      cut,
      [Symbol.asyncDispose]: async () => {
        signal.removeEventListener('abort', cut);
        if (socket.destroyed) return;
        // Taking leave is for a server that answers.
        await Promise.race([
          new Promise<void>((left) => connection.end(() => left())),
          once(socket, 'close'),
        ]);
        cut();
      },
    };
  } catch (error) {
    signal.removeEventListener('abort', cut);
    cut();
    throw error;
  }
}

/** The greatest that the server takes for its settings. */
const SECONDS_MAX = 31_536_000;
const MS_MAX = 4_294_967_295;

/**
 * One moment of the database, in which all that follows is read. What shapes the text of values is set for this session, so
 * that no setting of the account or the server shows in what is read. Writing takes as long as the reader needs.
 */
export async function beginSnapshot(
  session: Session,
  { databaseLockMs, databaseTotalMs }: Pick<Limits, 'databaseLockMs' | 'databaseTotalMs'>,
): Promise<void> {
  const seconds = (ms: number) => Math.min(SECONDS_MAX, Math.ceil(ms / 1000));
  const settings = {
    time_zone: "'+00:00'",
    sql_mode: "REPLACE(@@sql_mode, 'PAD_CHAR_TO_FULL_LENGTH', '')",
    sql_select_limit: '18446744073709551615',
    lock_wait_timeout: seconds(databaseLockMs),
    innodb_lock_wait_timeout: seconds(databaseLockMs),
    net_write_timeout: seconds(databaseTotalMs),
    ...(isMariadb(session)
      ? { max_statement_time: databaseTotalMs / 1000 }
      : { max_execution_time: Math.min(MS_MAX, databaseTotalMs) }),
  };
  await session.rows('SET NAMES utf8mb4');
  await session.rows(
    `SET ${Object.entries(settings)
      .map(([name, value]) => `SESSION ${name} = ${value}`)
      .join(', ')}`,
  );
  await session.rows('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await session.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}
