import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { type Holder, type Holders, thisProcess } from './holders.ts';
import { connectClient } from './postgres-session.ts';

/**
 * A holder is known by a session: a connection that holds an advisory lock of its own key for as long as its process
 * lives. The server drops it when the process ends, whatever ends it and wherever it ran, so that a dead holder is told
 * from a living one without a clock. A session that breaks is opened again under its key; whoever took over meanwhile
 * has the later epoch, and the commit is fenced by that alone.
 */
export class PostgresHolders implements Holders {
  readonly #url: string;
  readonly #session = randomBytes(6).readUIntBE(0, 6).toString();
  #client: Promise<Client> | null = null;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  async self(): Promise<Holder> {
    await this.#connected();
    return { ...thisProcess(), session: this.#session };
  }

  /** Asked over a connection of its own: whoever asks may be inside a transaction. */
  async isAlive({ session }: Holder): Promise<boolean> {
    if (session === undefined) return false;
    const client = await this.#connected();
    const { rows } = await client.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (classid::bigint << 32) | objid::bigint = $1::bigint`,
      [session],
    );
    return rows.length > 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = null;
    await (await client?.catch(() => null))?.end();
  }

  #connected(): Promise<Client> {
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<Client> {
    const client = await connectClient(this.#url, { readOnly: false });
    await client.query('SELECT pg_advisory_lock($1::bigint)', [this.#session]);
    // A connection that breaks may tell of it more than once.
    client.once('error', () => this.#reopen());
    client.on('error', () => undefined);
    return client;
  }

  #reopen(): void {
    this.#client = null;
    if (this.#closed) return;
    const opening = this.#open();
    this.#client = opening;
    // Nobody may be waiting for it: whoever asks next tries again.
    opening.catch(() => {
      if (this.#client === opening) this.#client = null;
    });
  }
}
