import type { ErrorCode } from '../../errors/codes.ts';

/** Why a URL gave no bytes. Its text names origins and paths only: what a server says elsewhere may be a secret. */
export class HttpFailure extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  /** Whether it may be otherwise in a moment. */
  readonly passing: boolean;
  /** What the server asked to wait; null where it did not. */
  readonly retryAfterMs: number | null;

  constructor({
    code,
    message,
    next,
    passing = false,
    retryAfterMs = null,
  }: {
    code: ErrorCode;
    message: string;
    next: string;
    passing?: boolean;
    retryAfterMs?: number | null;
  }) {
    super(message);
    this.code = code;
    this.next = next;
    this.passing = passing;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What was received can be no part of what comes next; a reading from the first byte is due. */
export class BeginAnew extends Error {}

export const AGAIN = 'Run the same command again later; what else was landed is kept.';
