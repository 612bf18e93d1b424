import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchProject } from './bench-project.ts';
import { differencesFromPlanted } from './check-planted.ts';
import type { Converted } from './convert-bare.ts';
import type { Ingested } from './ingest-once.ts';
import { type Cost, measure } from './measure.ts';
import type { PeakMemory } from './peak-memory.ts';
import { type StageTime, stageTimes } from './stages.ts';
import type { TicketFile } from './ticket-file.ts';

export const CONTESTANTS = ['tidemark', 'again', 'duckdb', 'copy', 'sha256'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** What one round over one file cost, everyone once. */
export interface Round {
  /** `sha256` is missing where there is no openssl. */
  readonly costs: Readonly<Partial<Record<Contestant, Cost>>>;
  readonly stages: readonly StageTime[];
  readonly duckdb: { readonly version: string; readonly threads: number };
}

type Costs = Partial<Record<Contestant, Cost>>;
const script = (name: string) => join(import.meta.dirname, name);

/** One round: the job, the job again over the same home, and the floors. Each round begins with another of them. */
export async function runRound({
  project,
  tickets,
  number,
  hasOpenssl,
}: {
  project: BenchProject;
  tickets: TicketFile;
  number: number;
  hasOpenssl: boolean;
}): Promise<Round> {
  const costs: Costs = {};
  let stages: readonly StageTime[] = [];
  let duckdb: Round['duckdb'] = { version: '', threads: 0 };
  const steps = [
    async () => {
      const job = await runJob({ project, tickets, home: project.place(`home-${number}`) });
      Object.assign(costs, job.costs);
      stages = job.stages;
    },
    async () => {
      const out = project.place(`bare-${number}.parquet`);
      const { stdout, ...cost } = await measure([
        process.execPath,
        script('convert-bare.ts'),
        project.ticketsPath,
        out,
      ]);
      const converted = JSON.parse(stdout) as Converted;
      if (converted.rows !== tickets.planted.records) {
        throw new Error(`DuckDB converted ${converted.rows} of ${tickets.planted.records} records`);
      }
      duckdb = { version: converted.duckdb, threads: converted.threads };
      costs.duckdb = { ...cost, peakRssBytes: peakOf(converted.peak) };
      await rm(out);
    },
    async () => {
      const out = project.place(`copy-${number}`);
      const { stdout: _, ...cost } = await measure([
        'sh',
        '-c',
        'cp "$1" "$2" && sync "$2"',
        'sh',
        project.ticketsPath,
        out,
      ]);
      costs.copy = cost;
      await rm(out);
    },
    async () => {
      if (!hasOpenssl) return;
      const { stdout, ...cost } = await measure(['openssl', 'dgst', '-sha256', project.ticketsPath]);
      if (!stdout.includes(tickets.planted.checksum_sha256))
        throw new Error(`openssl found another sum: ${stdout}`);
      costs.sha256 = cost;
    },
  ];
  for (const at of steps.keys()) {
    // What one left to be written must not be paid by the next.
    await measure(['sync']);
    await steps[(at + number) % steps.length]?.();
  }
  return { costs, stages, duckdb };
}

async function runJob({
  project,
  tickets,
  home,
}: {
  project: BenchProject;
  tickets: TicketFile;
  home: string;
}) {
  const command = [process.execPath, script('ingest-once.ts'), project.root, project.manifestPath, home];
  const { stdout, ...first } = await measure(command);
  const ingested = JSON.parse(stdout) as Ingested;
  const differences = differencesFromPlanted(ingested.report, tickets.planted);
  if (differences.length > 0) {
    throw new Error(`The run's account is not what was planted:\n  ${differences.join('\n  ')}`);
  }
  const tidemark = { ...first, peakRssBytes: peakOf(ingested.peak) };
  const { stdout: second, ...cost } = await measure(command);
  const { report, peak } = JSON.parse(second) as Ingested;
  if (report.state !== 'nothing_to_commit' || report.assetTally.already_committed !== 1) {
    throw new Error(`The second run ended as ${report.state}, not as nothing_to_commit`);
  }
  await rm(home, { recursive: true });
  return {
    costs: { tidemark, again: { ...cost, peakRssBytes: peakOf(peak) } },
    stages: stageTimes(ingested.passings, tidemark),
  };
}

/** The kernel's two accounts of one process, where they differ by more than their own rounding, are no measurement. */
function peakOf({ maxRssBytes, highWaterBytes }: PeakMemory): number {
  if (highWaterBytes === null) return maxRssBytes;
  const gap = Math.abs(maxRssBytes - highWaterBytes);
  if (gap > 0.05 * highWaterBytes) {
    throw new Error(`ru_maxrss says ${maxRssBytes} bytes, VmHWM ${highWaterBytes}: the peak is not known`);
  }
  return Math.max(maxRssBytes, highWaterBytes);
}
