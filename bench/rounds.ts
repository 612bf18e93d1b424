import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Invocation } from '../tidemark/src/tidemark.ts';
import type { BenchProject } from './bench-project.ts';
import type { BuiltPackage } from './build-package.ts';
import { differencesFromPlanted } from './check-planted.ts';
import type { Converted } from './convert-bare.ts';
import { type Cost, measure } from './measure.ts';
import type { PeakMemory } from './peak-memory.ts';
import type { Peers } from './peers/run-peers.ts';
import type { TicketFile } from './ticket-file.ts';

export const CONTESTANTS = [
  'tidemark',
  'again',
  'trusted',
  'duckdb',
  'copy',
  'sha256',
  'node',
  'dlt_parquet',
  'dlt_iceberg',
  'jsonschema',
] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** What one round over one file cost, everyone once. Peers are missing where they do not take part. */
export interface Round {
  readonly costs: Costs;
  readonly duckdb: { readonly version: string; readonly threads: number };
}

export type Costs = Partial<Record<Contestant, Cost>>;
const script = (name: string) => join(import.meta.dirname, name);

export interface RoundOf {
  readonly built: BuiltPackage;
  readonly project: BenchProject;
  readonly tickets: TicketFile;
  readonly number: number;
  readonly hasOpenssl: boolean;
  readonly peers: Peers | null;
}

/** One round: the job, the job again over the same home, the floors, the peers. Each begins with another of them. */
export async function runRound(round: RoundOf): Promise<Round> {
  const { project, tickets, number, hasOpenssl, peers } = round;
  const costs: Costs = {};
  let duckdb: Round['duckdb'] = { version: '', threads: 0 };
  const steps = [
    async () => {
      Object.assign(costs, await runJob(round));
    },
    async () => {
      const out = project.place(`bare-${number}.parquet`);
      const command = [process.execPath, script('convert-bare.ts'), project.ticketsPath, out];
      const { stdout, ...cost } = await measure(command);
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
      const copy = ['sh', '-c', 'cp "$1" "$2" && sync "$2"', 'sh', project.ticketsPath, out];
      const { stdout: _, ...cost } = await measure(copy);
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
    async () => {
      if (peers !== null) Object.assign(costs, await peers.runAll({ project, tickets }));
    },
  ];
  for (const at of steps.keys()) {
    // What one left to be written must not be paid by the next.
    await measure(['sync']);
    await steps[(at + number) % steps.length]?.();
  }
  return { costs, duckdb };
}

/** The published command line, three times over one home: all new, read for its sum alone, taken at its word. */
async function runJob({ built, project, tickets, number }: RoundOf): Promise<Costs> {
  const home = project.place(`home-${number}`);
  const run = async (...more: readonly string[]) => {
    const report = project.place('report.json');
    const words = ['run', '--project', project.root, '--home', home, '--manifest-path', project.manifestPath];
    const command = [process.execPath, built.bin, ...words, '--quiet', '--report-json', report, ...more];
    const { stdout: _, ...cost } = await measure(command);
    const [told] = (JSON.parse(await readFile(report, 'utf8')) as Invocation).runs;
    if (told === undefined) throw new Error('the run has no report');
    return { cost, report: told };
  };
  const first = await run();
  const differences = differencesFromPlanted(first.report, tickets.planted);
  if (differences.length > 0) {
    throw new Error(`The run's account is not what was planted:\n  ${differences.join('\n  ')}`);
  }
  const second = await run();
  if (second.report.state !== 'nothing_to_commit' || second.report.assetTally.already_committed !== 1) {
    throw new Error(`The second run ended as ${second.report.state}, not as nothing_to_commit`);
  }
  const third = await run('--trust-mtime');
  const [asset] = third.report.assets;
  if (asset?.reused !== 'remembered_sum') {
    throw new Error(`The source was not taken at its word: ${JSON.stringify(asset)}`);
  }
  await rm(home, { recursive: true });
  return { tidemark: first.cost, again: second.cost, trusted: third.cost };
}

/** The kernel's two accounts of one process, where they differ by more than their own rounding, are no measurement. */
export function peakOf({ maxRssBytes, highWaterBytes }: PeakMemory): number {
  if (highWaterBytes === null) return maxRssBytes;
  const gap = Math.abs(maxRssBytes - highWaterBytes);
  if (gap > 0.05 * highWaterBytes) {
    throw new Error(`ru_maxrss says ${maxRssBytes} bytes, VmHWM ${highWaterBytes}: the peak is not known`);
  }
  return Math.max(maxRssBytes, highWaterBytes);
}
