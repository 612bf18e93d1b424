import { CONTESTANTS, type Contestant, type Round } from './rounds.ts';
import type { StageTime } from './stages.ts';
import type { TicketFile } from './ticket-file.ts';

/** The memory that the whole job may take, all processes together, whatever the size of the file. */
export const PEAK_RSS_BYTES_MAX = 700e6;
/** What the largest file may take beyond the smallest. */
export const PEAK_RSS_GROWTH_BYTES_MAX = 100e6;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface ContestantSummary {
  readonly contestant: Contestant;
  /** Peers that would take minutes get fewer. */
  readonly records: number;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  /** Null where it was never seen. */
  readonly peakRssBytes: Spread | null;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A ratio of two contestants, taken within each round, and the bound that it is to keep. */
export interface Ratio {
  readonly name: string;
  readonly value: Spread;
  readonly bound: { readonly kind: 'at_most' | 'at_least'; readonly value: number } | null;
}

/** All rounds over one file. */
export interface SizeSummary {
  readonly records: number;
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly contestants: readonly ContestantSummary[];
  readonly ratios: readonly Ratio[];
  /** Of one more run, made to be watched. */
  readonly stages: readonly StageTime[];
}

export interface Measured {
  readonly tickets: Pick<TicketFile, 'planted'>;
  readonly rounds: readonly Round[];
  readonly stages: readonly StageTime[];
  /** Records that the Python peers got. */
  readonly peerRecords: number;
}

const FEW: ReadonlySet<Contestant> = new Set(['dlt_parquet', 'dlt_iceberg', 'jsonschema']);

export function summarise(measured: Measured): SizeSummary {
  const { planted } = measured.tickets;
  return {
    records: planted.records,
    sizeBytes: planted.size_bytes,
    rounds: measured.rounds.length,
    contestants: CONTESTANTS.flatMap((contestant) => summariseOne(contestant, measured)),
    ratios: ratios(measured),
    stages: measured.stages,
  };
}

/** What a ratio is made of, for one round; undefined where someone did not take part. */
type Take = (of: (contestant: Contestant) => number | undefined) => number | undefined;

const over = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a / b;
const sum = (...parts: readonly (number | undefined)[]) =>
  parts.reduce<number>((whole, part) => whole + (part ?? 0), 0);

const WALL: readonly (readonly [name: string, take: Take, bound: Ratio['bound']])[] = [
  ['tidemark ÷ DuckDB bare', (of) => over(of('tidemark'), of('duckdb')), null],
  [
    'tidemark ÷ sum of the floors (DuckDB bare + cp + openssl)',
    (of) => over(of('tidemark'), sum(of('duckdb'), of('copy'), of('sha256'))),
    { kind: 'at_most', value: 2 },
  ],
  ['Node pipeline ÷ tidemark', (of) => over(of('node'), of('tidemark')), { kind: 'at_least', value: 3.5 }],
  ['again ÷ openssl sha256', (of) => over(of('again'), of('sha256')), null],
  ['again with --trust-mtime ÷ again', (of) => over(of('trusted'), of('again')), null],
];

/** Ours over theirs, in records a second: they got another number of them. */
const RATES: readonly (readonly [name: string, peer: Contestant, bound: number])[] = [
  ['records/s: tidemark ÷ dlt to Parquet', 'dlt_parquet', 10],
  ['records/s: tidemark ÷ dlt to Iceberg', 'dlt_iceberg', 10],
  ['records/s: tidemark ÷ Python jsonschema loop', 'jsonschema', 8],
];

function ratios({ rounds, tickets, peerRecords }: Measured): Ratio[] {
  const ratio = (
    name: string,
    take: (round: Round) => number | undefined,
    bound: Ratio['bound'],
  ): Ratio[] => {
    const values = rounds.flatMap((round) => take(round) ?? []);
    return values.length === 0 ? [] : [{ name, value: spread(values), bound }];
  };
  const wall = (round: Round) => (contestant: Contestant) => round.costs[contestant]?.wallSeconds;
  return [
    ...WALL.flatMap(([name, take, bound]) => ratio(`wall: ${name}`, (round) => take(wall(round)), bound)),
    ...ratio(
      'CPU: tidemark ÷ DuckDB bare',
      ({ costs }) => over(costs.tidemark?.cpuSeconds, costs.duckdb?.cpuSeconds),
      null,
    ),
    ...RATES.flatMap(([name, peer, value]) =>
      ratio(
        name,
        (round) => {
          const theirs = over(wall(round)(peer), peerRecords);
          return over(theirs, over(wall(round)('tidemark'), tickets.planted.records));
        },
        { kind: 'at_least', value },
      ),
    ),
  ];
}

function summariseOne(
  contestant: Contestant,
  { tickets: { planted }, rounds, peerRecords }: Measured,
): ContestantSummary[] {
  const costs = rounds.flatMap((round) => round.costs[contestant] ?? []);
  if (costs.length === 0) return [];
  const peaks = costs.flatMap(({ peakRssBytes }) => peakRssBytes ?? []);
  const wallSeconds = spread(costs.map((cost) => cost.wallSeconds));
  const records = FEW.has(contestant) ? peerRecords : planted.records;
  return [
    {
      contestant,
      records,
      wallSeconds,
      cpuSeconds: spread(costs.map((cost) => cost.cpuSeconds)),
      peakRssBytes: peaks.length === 0 ? null : spread(peaks),
      recordsPerSecond: records / wallSeconds.median,
      bytesPerSecond: ((planted.size_bytes / planted.records) * records) / wallSeconds.median,
    },
  ];
}

export function keeps({ value, bound }: Pick<Ratio, 'value' | 'bound'>): boolean {
  if (bound === null) return true;
  return bound.kind === 'at_most' ? value.median <= bound.value : value.median >= bound.value;
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
