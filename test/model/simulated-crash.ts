import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { homeAt } from '../../tidemark/src/landing/home.ts';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { Clock } from '../../tidemark/src/run/engine.ts';
import type { Tidemark } from '../../tidemark/src/tidemark.ts';

export interface CrashPoint {
  readonly point: RestartPoint;
  /** The time at which it is reached, from 1. */
  readonly nth: number;
}

/** How far a piece of work had come when it died. */
export interface Death {
  readonly point: RestartPoint;
  /** Deliveries that were recorded until then. */
  readonly received: number;
  /** Every source was prepared, and some are prepared again: the table had moved. */
  readonly again: boolean;
  readonly committed: boolean;
}

export type Worked<T> =
  | { readonly kind: 'ended'; readonly value: T }
  | { readonly kind: 'died'; readonly death: Death };

/** A piece of work that waits at a point, beside whatever is done next. */
export interface Held<T> {
  readonly kind: 'held';
  /** What would be so had it died there. */
  readonly death: Death;
  /** Lets it go on to its end. */
  goOn(): Promise<T>;
}

/**
 * A project as a process has it open, which may die at a restart point as a killed process does: the point never
 * returns, so nothing behind it runs, neither `finally` nor `await using`. What the operating system does for a dead
 * process is done for it: its connection to the catalog is closed, which rolls back what was open, and its leases have a
 * holder that lives no more. `simulated-crash.test.ts` holds this against real kills.
 */
export class MortalProject implements AsyncDisposable {
  readonly #options: { readonly project: string; readonly home: string; readonly clock: Clock };
  #opened: Tidemark | null = null;
  #reached: (point: RestartPoint) => Promise<void> | void = () => undefined;

  constructor(options: { readonly project: string; readonly home: string; readonly clock: Clock }) {
    this.#options = options;
  }

  /** Does a piece of work; with a crash, dies where it comes by the point. */
  async work<T>(
    work: (tidemark: Tidemark) => Promise<T>,
    crash: CrashPoint | null = null,
  ): Promise<Worked<T>> {
    const opened = await this.#open();
    const { promise: died, resolve: die } = Promise.withResolvers<Worked<T>>();
    const seen: RestartPoint[] = [];
    this.#reached = async (point) => {
      seen.push(point);
      const times = (wanted: RestartPoint) => seen.filter((one) => one === wanted).length;
      if (point !== crash?.point || times(point) !== crash.nth) return;
      die({ kind: 'died', death: deathAt(point, seen) });
      await new Promise(() => undefined);
    };
    const ended = work(opened).then((value) => ({ kind: 'ended', value }) as const);
    const outcome = await Promise.race([died, ended]);
    if (outcome.kind === 'died') {
      await filesAtRest();
      await this.close();
      endHolders(homeAt(this.#options.home).catalogPath);
    }
    return outcome;
  }

  /** The same, held at the point: until it goes on, the next piece of work is that of another process. */
  async hold<T>(
    work: (tidemark: Tidemark) => Promise<T>,
    { point: where, nth }: CrashPoint,
  ): Promise<{ readonly kind: 'ended'; readonly value: T } | Held<T>> {
    const opened = await this.#open();
    const { promise: goesOn, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<Held<T>>();
    const seen: RestartPoint[] = [];
    this.#reached = async (point) => {
      seen.push(point);
      if (point !== where || seen.filter((one) => one === where).length !== nth) return;
      this.#opened = null;
      hold({ kind: 'held', death: deathAt(point, seen), goOn });
      await goesOn;
    };
    const ended = work(opened);
    const goOn = async () => {
      letGo();
      return await ended.finally(async () => await opened[Symbol.asyncDispose]());
    };
    return await Promise.race([held, ended.then((value) => ({ kind: 'ended', value }) as const)]);
  }

  /** What is held is not alive to whoever asks. */
  takeForDead(): void {
    endHolders(homeAt(this.#options.home).catalogPath);
  }

  async #open(): Promise<Tidemark> {
    this.#opened ??= await openTidemark({
      ...this.#options,
      onReached: (point) => this.#reached(point),
    });
    return this.#opened;
  }

  /** The next piece of work opens it anew, and sees contracts as they are by then. */
  async close(): Promise<void> {
    await this.#opened?.[Symbol.asyncDispose]();
    this.#opened = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const PREPARING: ReadonlySet<RestartPoint> = new Set(['unit_refined', 'data_files_written', 'unit_prepared']);

/** @param seen the points that were reached, the last of which is the point */
function deathAt(point: RestartPoint, seen: readonly RestartPoint[]): Death {
  const own = seen.slice(seen.lastIndexOf('receipt_recorded'), -1);
  return {
    point,
    received: seen.filter((one) => one === 'receipt_recorded').length,
    again: PREPARING.has(point) && own.includes('unit_prepared'),
    committed: seen.includes('committed'),
  };
}

/** What was being read or written beside the point that never returns comes to its end: the next sources, received ahead. */
async function filesAtRest(): Promise<void> {
  do await nextTurn();
  while (process.getActiveResourcesInfo().some((name) => /^FS|Req/.test(name)));
}

/** A process that started when the machine did is not alive. */
function endHolders(catalogPath: string): void {
  const database = new DatabaseSync(catalogPath);
  database.exec(`UPDATE leases SET holder = json_set(holder, '$.started', '0') WHERE holder_run_id <> ''`);
  database.close();
}
