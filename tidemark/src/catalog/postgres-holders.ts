import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { locationText } from '../model/catalog-location.ts';
import { type Holder, type Holders, thisProcess } from './holders.ts';
import { connectPatiently } from './postgres-faults.ts';
import { connectClient } from './postgres-session.ts';

/**
 * A holder is known by a session: a connection that holds an advisory lock of its own key for as long as its process
 * lives. The server drops it when the process ends, whatever ends it and wherever it ran, so that a dead holder is told
 * from a living one without a clock. A session that breaks is opened again under its key; whoever took over meanwhile
 * has the later epoch, and the commit is fenced by that alone.
 */
export class PostgresHolders implements Holders {
  readonly #url: string;
  readonly #place: string;
  #session = newSession();
  #client: Promise<Client> | null = null;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
    this.#place = locationText({ kind: 'postgres', url });
  }

  async self(): Promise<Holder> {
    await this.#connected();
    return { ...thisProcess(), session: this.#session };
  }

  /** Asked over a connection of its own: whoever asks may be inside a transaction. */
  async isAlive({ session }: Holder): Promise<boolean> {
    if (session === undefined) return false;
    const ask = async () => {
      const client = await this.#connected();
      return await client.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32) | objid::bigint = $1::bigint`,
        [session],
      );
    };
    return (await connectPatiently(ask, this.#place)).rows.length > 0;
  }

  async renew(): Promise<void> {
    this.#session = newSession();
    await this.#end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await (await client?.catch(() => null))?.end();
  }

  #connected(): Promise<Client> {
    this.#client ??= this.#opening();
    return this.#client;
  }

  #opening(): Promise<Client> {
    const begin = (client: Client) => client.query('SELECT pg_advisory_lock($1::bigint)', [this.#session]);
    const opening = connectClient(this.#url, { readOnly: false, begin });
    const isCurrent = () => this.#client === opening;
    const reopen = () => {
      if (isCurrent()) this.#client = this.#closed ? null : this.#opening();
    };
    opening.then(
      // A connection that breaks may tell of it more than once.
      (client) => client.once('error', reopen),
      // Nobody may be waiting for it: whoever asks next tries again.
      () => {
        if (isCurrent()) this.#client = null;
      },
    );
    return opening;
  }
}

function newSession(): string {
  return randomBytes(6).readUIntBE(0, 6).toString();
}
