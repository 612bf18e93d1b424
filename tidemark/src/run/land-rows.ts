import { landChunks } from '../landing/land-chunks.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import { type FailedAttempt, patiently } from '../landing/read-patiently.ts';
import type { Reading, Unreadable } from '../landing/reading.ts';
import type { FixedInterval, RowReading } from '../source/row-source.ts';
import type { Engine } from './engine.ts';

export interface LandRows {
  readonly copyTo: string | null;
  readonly signal: AbortSignal;
  onBytes(bytes: number): void;
  onFailedAttempt(failed: FailedAttempt): void;
}

export interface LandedRows {
  readonly kind: 'read';
  readonly bytes: Passed;
  readonly interval: FixedInterval | null;
}

/**
 * Lands the rows of a source, whole or not at all. Each attempt is a reading of its own: it fixes its interval anew, in a
 * snapshot of its own, and what a failed one has written goes. `failureOf` says of what was thrown why the source cannot be
 * read, and throws what is not the source's; `isLate`: the attempt was ended at `limits.databaseTotalMs`.
 */
export async function landRows(
  { limits }: Pick<Engine, 'limits'>,
  { copyTo, signal, onBytes, onFailedAttempt }: LandRows,
  source: {
    open(signal: AbortSignal): Promise<RowReading>;
    failureOf(error: unknown, isLate: boolean): Omit<Unreadable, 'kind'>;
  },
): Promise<LandedRows | Unreadable> {
  let read: LandedRows | null = null;
  const reading = async (): Promise<Reading> => {
    // A source that holds its line and says nothing is told by no time-out of its own.
    const deadline = AbortSignal.timeout(limits.databaseTotalMs);
    try {
      await using rows = await source.open(AbortSignal.any([signal, deadline]));
      const bytes = await landChunks({ chunks: rows.chunks(), copyTo, onBytes });
      read = { kind: 'read', bytes, interval: rows.interval };
      return { kind: 'read', bytes: { ...bytes, stat: null } };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'unreadable', ...source.failureOf(error, deadline.aborted) };
    }
  };
  const last = await patiently({ limits, signal, onFailedAttempt }, reading);
  return read ?? (last as Unreadable); // Rows are read, or are not.
}
