import pg from 'pg';
import { locationText } from '../model/catalog-location.ts';
import { connectPatiently } from './postgres-faults.ts';

/** Connecting to a server that does not answer. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Any one answer, unless the URL has a `query_timeout` of its own. Longer than a writer waits for its turn. */
const ANSWER_TIMEOUT_MS = 120_000;

const INT8 = 20;
const NUMERIC = 1700;

/** Settings of every connection: silence on the line is noticed within seconds, and counts are numbers. */
export function clientSettings(url: string, { readOnly }: { readOnly: boolean }) {
  const server = [
    '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3',
    ...(readOnly ? ['-c default_transaction_read_only=on'] : []),
  ];
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'tidemark',
    options: server.join(' '),
    types: { getTypeParser },
  };
}

/**
 * One connection outside a pool, with what it begins with: both are tried again where the server is away. That it breaks
 * later is told by the next query over it; as an event it would end the process.
 * @throws TransientError catalog_unreachable
 */
export async function connectClient(
  url: string,
  { readOnly, begin }: { readOnly: boolean; begin: (client: pg.Client) => Promise<unknown> },
): Promise<pg.Client> {
  const connect = async () => {
    // A client that failed once cannot be used again.
    const client = new pg.Client(clientSettings(url, { readOnly }));
    client.on('error', () => undefined);
    await client.connect();
    try {
      await begin(endInSilence(client));
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
  return await connectPatiently(connect, locationText({ kind: 'postgres', url }));
}

/** A connection that an answer is overdue on is closed: what comes late would be taken for the answer to another question. */
export function endInSilence<C extends pg.Client>(client: C): C {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
  const watched = async (...given: unknown[]) => {
    try {
      return await query(...given);
    } catch (error) {
      if ((error as Error).message === 'Query read timeout') client.connection.stream.destroy();
      throw error;
    }
  };
  return Object.assign(client, { query: watched });
}

/** Counts and sums of the catalog stay far below 2^53; one that did not must not be rounded. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format === 'binary' || (oid !== INT8 && oid !== NUMERIC))
    return pg.types.getTypeParser(oid, format as 'text');
  return (text: string) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value))
      throw new RangeError(`the catalog holds ${text}, which no number here holds exactly`);
    return value;
  };
}
