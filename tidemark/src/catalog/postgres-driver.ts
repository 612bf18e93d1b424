import type {
  DatabaseConnection,
  Driver,
  PostgresDialectConfig,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import { CompiledQuery, PostgresDriver } from 'kysely';
import { TransientError } from '../errors/tidemark-error.ts';
import { catalogFault, connectPatiently } from './postgres-faults.ts';
import type { PostgresHolders } from './postgres-holders.ts';

/** Of the advisory lock that makes writing transactions take turns, as SQLite's do. */
const WRITE_LOCK = 7_411_001;
/** How long a writer waits for another one before it gives up. Commits take milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;
/** Times that something is asked which changes nothing, each after the first over another connection. */
const ASKED_MAX = 3;
const READING = /^\s*select\b/i;

/**
 * Transactions take turns from their beginning, so that what one reads stays so until it writes; faults say what to do.
 * What changes nothing (a reading, the beginning of a transaction) is asked again where its connection broke or the server
 * ended it; anything else may have been done, and whoever asked for it has to look.
 */
export class CatalogDriver implements Driver {
  readonly #driver: Driver;
  readonly #holders: PostgresHolders;
  readonly #place: string;

  constructor(
    config: PostgresDialectConfig,
    { holders, place }: { holders: PostgresHolders; place: string },
  ) {
    this.#driver = new PostgresDriver(config);
    this.#holders = holders;
    this.#place = place;
  }

  async init(): Promise<void> {
    await this.#driver.init();
  }

  async acquireConnection(): Promise<CatalogConnection> {
    return new CatalogConnection(await this.#connected(), {
      place: this.#place,
      exchange: async (broken) => {
        await this.#discard(broken);
        await this.#driver.releaseConnection(broken);
        return await this.#connected();
      },
    });
  }

  async releaseConnection(connection: CatalogConnection): Promise<void> {
    await this.#driver.releaseConnection(connection.held);
  }

  async beginTransaction(connection: CatalogConnection, settings: TransactionSettings): Promise<void> {
    try {
      await connection.askPatiently(async (on) => {
        await this.#driver.beginTransaction(on, settings);
        await on.executeQuery(CompiledQuery.raw(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`));
        await on.executeQuery(CompiledQuery.raw(`SELECT pg_advisory_xact_lock(${WRITE_LOCK})`));
      });
    } catch (error) {
      // Nobody rolls back what was not begun, and half of it must not be the next one's.
      await this.#discard(connection.held);
      throw error;
    }
    connection.inTransaction = true;
  }

  async commitTransaction(connection: CatalogConnection): Promise<void> {
    await this.#driver.commitTransaction(connection.held).catch((error) => {
      throw catalogFault(error, this.#place);
    });
    connection.inTransaction = false;
  }

  async rollbackTransaction(connection: CatalogConnection): Promise<void> {
    await this.#discard(connection.held);
    connection.inTransaction = false;
  }

  async destroy(): Promise<void> {
    await this.#driver.destroy();
    await this.#holders.close();
  }

  async #connected(): Promise<DatabaseConnection> {
    return await connectPatiently(async () => await this.#driver.acquireConnection(), this.#place);
  }

  /** What cannot be rolled back any more ends with its connection; the error to tell is the one before. */
  async #discard(held: DatabaseConnection): Promise<void> {
    await this.#driver.rollbackTransaction(held).catch(() => undefined);
  }
}

/** A connection of the pool, which is exchanged for another while no transaction hangs on it. */
class CatalogConnection implements DatabaseConnection {
  held: DatabaseConnection;
  inTransaction = false;
  readonly #place: string;
  readonly #exchange: (broken: DatabaseConnection) => Promise<DatabaseConnection>;

  constructor(
    held: DatabaseConnection,
    of: { place: string; exchange: (broken: DatabaseConnection) => Promise<DatabaseConnection> },
  ) {
    this.held = held;
    this.#place = of.place;
    this.#exchange = of.exchange;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const ask = async (on: DatabaseConnection) => await on.executeQuery<R>(query);
    if (!this.inTransaction && READING.test(query.sql)) return await this.askPatiently(ask);
    return await ask(this.held).catch((error) => {
      throw catalogFault(error, this.#place);
    });
  }

  /** Only for what changes nothing. @throws TransientError catalog_unreachable, catalog_interrupted */
  async askPatiently<T>(ask: (on: DatabaseConnection) => Promise<T>): Promise<T> {
    for (let asked = 1; ; asked += 1) {
      try {
        return await ask(this.held);
      } catch (error) {
        const fault = catalogFault(error, this.#place);
        if (!(fault instanceof TransientError) || asked === ASKED_MAX) throw fault;
        this.held = await this.#exchange(this.held);
      }
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.held.streamQuery(query, chunkSize);
  }
}
