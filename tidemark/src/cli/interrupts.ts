import { EXIT } from './exit-codes.ts';

/**
 * npm and npx pass a terminal's Ctrl-C on to the process that has had it from the terminal already: one key, two
 * signals, a few milliseconds apart. Those within this time of the first are the same wish.
 */
const SAME_WISH_MS = 500;

export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/** The first SIGINT or SIGTERM aborts the signal, for a clean stop; a second one ends the process at once. */
export function listenForInterrupts(options: { onFirst: () => void; onSecond: () => void }): Interrupts {
  const controller = new AbortController();
  let firstAtMs: number | null = null;
  const listener = () => {
    const nowMs = performance.now();
    if (firstAtMs === null) {
      firstAtMs = nowMs;
      options.onFirst();
      controller.abort();
      return;
    }
    if (nowMs - firstAtMs < SAME_WISH_MS) return;
    options.onSecond();
    process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
