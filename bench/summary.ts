import { CONTESTANTS, type Contestant, type Round } from './rounds.ts';
import type { StageTime } from './stages.ts';
import type { TicketFile } from './ticket-file.ts';

const MIB = 1024 * 1024;

/** The memory that the whole job may take, whatever the size of the file. */
export const PEAK_RSS_BYTES_MAX = 1024 * MIB;
/** What the largest file may take beyond the smallest. */
export const PEAK_RSS_GROWTH_BYTES_MAX = 100 * MIB;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface ContestantSummary {
  readonly contestant: Contestant;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  /** Null where it was never seen. */
  readonly peakRssBytes: Spread | null;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** All rounds over one file. */
export interface SizeSummary {
  readonly records: number;
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly contestants: readonly ContestantSummary[];
  /** Ours over theirs, taken within each round. */
  readonly toBare: Spread;
  /** Over the sum of bare conversion, copy and sum (where openssl is). */
  readonly toFloors: Spread;
  readonly cpuToBare: Spread;
  /** Of the median round by wall time. */
  readonly stages: readonly StageTime[];
}

export function summarise({ planted }: Pick<TicketFile, 'planted'>, rounds: readonly Round[]): SizeSummary {
  const wall = (round: Round, contestant: Contestant) => round.costs[contestant]?.wallSeconds ?? 0;
  const floors = (round: Round) => wall(round, 'duckdb') + wall(round, 'copy') + wall(round, 'sha256');
  const cpu = (round: Round, contestant: Contestant) => round.costs[contestant]?.cpuSeconds ?? 0;
  const byTime = rounds.toSorted((a, b) => wall(a, 'tidemark') - wall(b, 'tidemark'));
  return {
    records: planted.records,
    sizeBytes: planted.size_bytes,
    rounds: rounds.length,
    contestants: CONTESTANTS.flatMap((contestant) => summariseOne(contestant, { planted, rounds })),
    toBare: spread(rounds.map((round) => wall(round, 'tidemark') / wall(round, 'duckdb'))),
    toFloors: spread(rounds.map((round) => wall(round, 'tidemark') / floors(round))),
    cpuToBare: spread(rounds.map((round) => cpu(round, 'tidemark') / cpu(round, 'duckdb'))),
    stages: byTime[Math.floor((byTime.length - 1) / 2)]?.stages ?? [],
  };
}

function summariseOne(
  contestant: Contestant,
  { planted, rounds }: Pick<TicketFile, 'planted'> & { rounds: readonly Round[] },
): ContestantSummary[] {
  const costs = rounds.flatMap((round) => round.costs[contestant] ?? []);
  if (costs.length === 0) return [];
  const peaks = costs.flatMap(({ peakRssBytes }) => peakRssBytes ?? []);
  const wallSeconds = spread(costs.map((cost) => cost.wallSeconds));
  return [
    {
      contestant,
      wallSeconds,
      cpuSeconds: spread(costs.map((cost) => cost.cpuSeconds)),
      peakRssBytes: peaks.length === 0 ? null : spread(peaks),
      recordsPerSecond: planted.records / wallSeconds.median,
      bytesPerSecond: planted.size_bytes / wallSeconds.median,
    },
  ];
}

export function peakOf(size: SizeSummary, contestant: Contestant): number {
  return size.contestants.find((entry) => entry.contestant === contestant)?.peakRssBytes?.max ?? 0;
}

/** How much more the job held for the largest file than for the smallest; null for one size alone. */
export function peakGrowth(sizes: readonly SizeSummary[]) {
  const byRecords = sizes.toSorted((a, b) => a.records - b.records);
  const [smallest, largest] = [byRecords.at(0), byRecords.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return null;
  return { smallest, largest, bytes: peakOf(largest, 'tidemark') - peakOf(smallest, 'tidemark') };
}

/** Where memory went beyond its bounds; empty when it kept within them. */
export function memoryBreaches(sizes: readonly SizeSummary[]): string[] {
  const over = sizes.flatMap((size) => {
    const peak = peakOf(size, 'tidemark');
    if (peak <= PEAK_RSS_BYTES_MAX) return [];
    return [`${size.records} records took ${peak} bytes, more than ${PEAK_RSS_BYTES_MAX}`];
  });
  const growth = peakGrowth(sizes);
  if (growth !== null && growth.bytes > PEAK_RSS_GROWTH_BYTES_MAX) {
    over.push(`memory grew by ${growth.bytes} bytes, more than ${PEAK_RSS_GROWTH_BYTES_MAX}`);
  }
  return over;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const half = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2, min: at(0), max: at(sorted.length - 1) };
}
