import { setTimeout as wait } from 'node:timers/promises';
import { ERROR_CODES } from '../../errors/codes.ts';
import type { Limits } from '../../model/limits.ts';
import { AGAIN, HttpFailure } from './http-failure.ts';

export interface FailedAsking {
  readonly attempt: number;
  readonly reason: string;
  readonly waitedMs: number;
}

/**
 * How often one URL is asked: a bounded number of times without getting further. Whoever resumes a large file over a bad
 * line gets further each time; a server that always breaks off at the same place does not.
 */
export class Patience {
  readonly #limits: {
    attemptsMax: number;
    delayMs: number;
    waitMsMax: number;
    /** How much further counts. */
    stepBytes: number;
  };
  readonly #signal: AbortSignal;
  readonly #onFailed: (failed: FailedAsking) => void;
  #attempt = 0;
  #inARow = 0;
  #furthest = 0;
  #reached = 0;

  constructor({
    signal,
    onFailed,
    ...limits
  }: {
    attemptsMax: number;
    delayMs: number;
    waitMsMax: number;
    stepBytes: number;
    signal: AbortSignal;
    onFailed(failed: FailedAsking): void;
  }) {
    this.#limits = limits;
    this.#signal = signal;
    this.#onFailed = onFailed;
  }

  /** So many bytes of the whole are here. */
  reached(bytes: number): void {
    this.#reached = Math.max(this.#reached, bytes);
  }

  /** Waits, as long as the server asked or ever longer, each time with a share of chance. @throws what it was told, at the end */
  async afterFailure(failure: HttpFailure): Promise<void> {
    const { attemptsMax, delayMs, waitMsMax, stepBytes } = this.#limits;
    if (this.#reached >= this.#furthest + stepBytes) {
      this.#furthest = this.#reached;
      this.#inARow = 0;
    }
    this.#attempt += 1;
    this.#inARow += 1;
    if (!failure.passing || this.#inARow >= attemptsMax) throw failure;
    const asked = failure.retryAfterMs ?? 0;
    if (asked > waitMsMax) {
      throw new HttpFailure({
        code: ERROR_CODES.http_refused,
        message: `${failure.message} It asks to wait for ${Math.ceil(asked / 1000)} s.`,
        next: AGAIN,
      });
    }
    const backoff = delayMs * 2 ** (this.#inARow - 1) * (0.5 + Math.random() / 2);
    const waitedMs = Math.round(Math.max(asked, Math.min(backoff, waitMsMax)));
    this.#onFailed({ attempt: this.#attempt, reason: failure.message, waitedMs });
    await wait(waitedMs, undefined, { signal: this.#signal });
  }
}

/** As the limits of the project say. */
export function patienceWith(
  limits: Pick<Limits, 'sourceAttemptsMax' | 'retryDelayMs' | 'httpWaitMsMax' | 'chunkBytes'>,
  of: { signal: AbortSignal; onFailed(failed: FailedAsking): void },
): Patience {
  return new Patience({
    attemptsMax: limits.sourceAttemptsMax,
    delayMs: limits.retryDelayMs,
    waitMsMax: limits.httpWaitMsMax,
    stepBytes: limits.chunkBytes,
    ...of,
  });
}
