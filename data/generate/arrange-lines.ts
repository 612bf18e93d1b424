import type { PlannedLine, PlannedRecord } from './planned-lines.ts';
import type { Random } from './prng.ts';

/** A line that is put somewhere behind the record it has to follow, or anywhere. */
export interface Insertion {
  readonly line: PlannedLine;
  readonly follows?: PlannedRecord;
}

/** The records in their order, with the insertions spread among them; the first and the last line stay records. */
export function arrangeLines(
  records: readonly PlannedRecord[],
  { insertions, random }: { insertions: readonly Insertion[]; random: Random },
): PlannedLine[] {
  const placed = records.map((line, index): { at: number; line: PlannedLine } => ({ at: index, line }));
  for (const { line, follows } of insertions) {
    const from = follows === undefined ? 0 : Math.max(0, records.indexOf(follows));
    if (from >= records.length - 1) throw new RangeError('nothing may follow the last record');
    placed.push({ at: from + 0.01 + random.fraction() * (records.length - 1.02 - from), line });
  }
  return placed.sort((a, b) => a.at - b.at).map(({ line }) => line);
}

/** `count` different ones, in their order. */
export function pickSeveral<T>(random: Random, { from, count }: { from: readonly T[]; count: number }): T[] {
  if (count > from.length) throw new RangeError(`only ${from.length} to pick ${count} from`);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.integer(0, from.length - 1));
  return from.filter((_, index) => chosen.has(index));
}
