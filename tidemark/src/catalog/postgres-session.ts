import pg from 'pg';
import { locationText } from '../model/catalog-location.ts';
import { connectPatiently } from './postgres-faults.ts';

/** Connecting to a server that does not answer. */
const CONNECT_TIMEOUT_MS = 10_000;

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
    keepAlive: true,
    application_name: 'tidemark',
    options: server.join(' '),
    types: { getTypeParser },
  };
}

/** One connection outside a pool. @throws TransientError catalog_unreachable */
export async function connectClient(url: string, { readOnly }: { readOnly: boolean }): Promise<pg.Client> {
  const connect = async () => {
    // A client that failed once cannot be used again.
    const client = new pg.Client(clientSettings(url, { readOnly }));
    await client.connect();
    return client;
  };
  return await connectPatiently(connect, locationText({ kind: 'postgres', url }));
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
