import { stat } from 'node:fs/promises';
import { isCutByLines } from './read-lines.ts';
import { sumAccounts } from './record-account.ts';
import { cursorReader, refineRange } from './refine-range.ts';
import { refineInThreads } from './refine-threads.ts';
import type { RefinedUnit, RefineInput } from './refined.ts';

/**
 * Refines a stream of records: every line (of delimited text: row) that is not blank ends as accepted, rejected or out of window, in this order of
 * judgement: legal line, legal record, contract, columns, window. What it writes and returns depends on the input
 * alone, and not on how the file is read. Progress is cumulative, told once per chunk. Rejects on abort with the
 * signal's reason, with the system's own error when the disk fails, and with `ConfigurationError` for a window that
 * does not fit the contract; scratch files are then left half written.
 *
 * A large object is cut into stretches that threads refine beside each other; a small one is done with before a thread
 * would have begun.
 */
export async function refineRecords(input: RefineInput): Promise<RefinedUnit> {
  const { limits } = input;
  cursorReader(input.window, input.contract);
  const { size } = await stat(input.path);
  const large = limits.refineWorkersMax > 1 && size > limits.refineInPlaceBytesMax;
  if (large && isCutByLines(input.records)) {
    return await refineInThreads(input, size);
  }
  const { files, account } = await refineRange({ ...input, range: null });
  return { ...files, ...sumAccounts([account]) };
}
