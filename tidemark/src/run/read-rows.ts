import { landChunks } from '../landing/land-chunks.ts';
import { type FailedAttempt, patiently } from '../landing/read-patiently.ts';
import type { Reading } from '../landing/reading.ts';
import type { FixedInterval, RowInterval } from '../source/row-source.ts';
import type { Split } from '../source/split.ts';
import { openTable, TableUnreadable } from '../source/sqlite-table/read-table.ts';
import type { TableLocation } from '../source/sqlite-table/table-location.ts';
import type { Engine } from './engine.ts';

/**
 * Reads the rows of a table's interval as canonical JSON lines. Each attempt is a reading of its own: it fixes its interval
 * anew, and what a failed one has written goes.
 */
export async function readRows(
  engine: Pick<Engine, 'limits'>,
  request: {
    split: Pick<Split, 'path' | 'stat'> & { table: TableLocation };
    /** Null: all of it. */
    wanted: RowInterval | null;
    copyTo: string | null;
    signal: AbortSignal;
    onBytes(bytes: number): void;
    onFailedAttempt(failed: FailedAttempt): void;
  },
): Promise<{ reading: Reading; interval: FixedInterval | null }> {
  const { split, wanted, copyTo, signal, onBytes, onFailedAttempt } = request;
  const { path, table: location } = split;
  const { limits } = engine;
  let interval: FixedInterval | null = null;
  const read = async (): Promise<Reading> => {
    try {
      const { chunkBytes } = limits;
      await using rows = openTable({ path, location, interval: wanted, chunkBytes, signal });
      interval = rows.interval;
      const passed = await landChunks({ chunks: rows.chunks(), copyTo, onBytes });
      return { kind: 'read', bytes: { ...passed, stat: split.stat } };
    } catch (error) {
      if (!(error instanceof TableUnreadable)) throw error;
      return { kind: 'unreadable', reason: error.message, errno: error.errno };
    }
  };
  const reading = await patiently({ limits, signal, onFailedAttempt }, read);
  return { reading, interval };
}
