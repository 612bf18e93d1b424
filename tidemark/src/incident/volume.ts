/** Batches of a source that a batch is held against, the latest ones. */
export const RECENT_BATCHES = 20;

/** With fewer there is no character to be out of. */
const HISTORY_MIN = 8;
/** Neither the batch nor its like may be so small that single records decide. */
const RECORDS_MIN = 100;
/** Deviations, of the usual one, that are still in character. */
const DEVIATIONS = 6;
/** A source that never varies may: the usual deviation is at least this share of the median. */
const DEVIATION_SHARE_MIN = 0.1;
/** Makes the median deviation of a normal distribution its standard deviation. */
const NORMAL = 1.4826;

export interface VolumeVerdict {
  readonly median: number;
  /** What would have been in character. */
  readonly least: number;
  readonly most: number;
  readonly found: 'usual' | 'few' | 'many';
}

/**
 * Whether a batch has many more or many fewer records than others of its source. Median and median deviation, so that one
 * odd batch among the others changes nothing; null where too few or too small batches tell. Pure.
 */
export function judgeVolume(records: number, others: readonly number[]): VolumeVerdict | null {
  if (others.length < HISTORY_MIN) return null;
  const usual = median(others);
  if (Math.max(usual, records) < RECORDS_MIN) return null;
  const deviation = NORMAL * median(others.map((other) => Math.abs(other - usual)));
  const reach = DEVIATIONS * Math.max(deviation, DEVIATION_SHARE_MIN * usual);
  const [least, most] = [Math.max(0, Math.ceil(usual - reach)), Math.floor(usual + reach)];
  const found = records < least ? 'few' : records > most ? 'many' : 'usual';
  return { median: usual, least, most, found };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
