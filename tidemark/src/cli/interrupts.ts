/**
 * npm and npx pass a terminal's Ctrl-C on to the process that has had it from the terminal already: one key, two
 * signals, a few milliseconds apart. Those within this time of the first are the same wish.
 */
const SAME_WISH_MS = 500;

export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The first SIGINT or SIGTERM aborts the signal, for a clean stop; at a second one the caller ends the process at once.
 * Until it is disposed of, neither signal ends the process by itself.
 */
export function listenForInterrupts(options: {
  onFirst: () => void;
  onSecond: () => void;
  now?: () => number;
}): Interrupts {
  const { onFirst, onSecond, now = () => performance.now() } = options;
  const controller = new AbortController();
  let firstAtMs: number | null = null;
  const listener = () => {
    if (firstAtMs === null) {
      firstAtMs = now();
      onFirst();
      controller.abort();
    } else if (now() - firstAtMs >= SAME_WISH_MS) {
      onSecond();
    }
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
