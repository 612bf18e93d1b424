import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions, SslOptions } from 'mysql2';
import { shownDatabaseUrl } from '../../model/database-url.ts';
import { turnedAway } from '../relation/relation-failure.ts';

const DEFAULT_PORT = 3306;

/** As MySQL's own clients name them. */
const PARAMETERS = ['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key'] as const;
const MODES = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * What a URL says to the driver: `mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=<file>`. A
 * parameter that is not known is refused, so that a misspelt one leaves no connection open to others.
 * @throws RelationFailure database_refused
 */
export function connectionOptions(text: string): Address & Partial<ConnectionOptions> {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const ssl = sslOptions(url, host);
  return {
    host,
    port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(ssl !== null && { ssl }),
  };
}

function sslOptions(url: URL, host: string): SslOptions | null {
  const refuse = (message: string, cause?: unknown) =>
    turnedAway(message, { place: shownDatabaseUrl(url.href), cause });
  const given = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(given).find((name) => !PARAMETERS.some((known) => known === name));
  if (unknown !== undefined)
    throw refuse(`its url has no parameter ${unknown}; known are ${PARAMETERS.join(', ')}`);
  const mode = MODES.find((known) => known === (given['ssl-mode'] ?? 'DISABLED').toUpperCase());
  if (mode === undefined) throw refuse(`its ssl-mode has to be one of ${MODES.join(', ')}`);
  if (mode === 'DISABLED') return null;
  if (mode === 'VERIFY_IDENTITY' && isIP(host) !== 0)
    throw refuse('ssl-mode=VERIFY_IDENTITY needs the name of the host that stands in its certificate');
  const file = (name: (typeof PARAMETERS)[number]) => {
    const path = given[name];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw refuse(`its ${name} cannot be read: ${(error as Error).message}`, error);
    }
  };
  return {
    ca: file('ssl-ca'),
    cert: file('ssl-cert'),
    key: file('ssl-key'),
    rejectUnauthorized: mode !== 'REQUIRED',
    verifyIdentity: mode === 'VERIFY_IDENTITY',
  } as SslOptions;
}
