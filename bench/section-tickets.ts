import type { Bench, Section } from './bench.ts';
import { benchProject } from './bench-project.ts';
import { counted, mebibytes, ratio, seconds, spreadText, table, whole } from './markdown.ts';
import { peersFor } from './peers/run-peers.ts';
import { type Contestant, type Round, runRound } from './rounds.ts';
import { watchedRun } from './stages.ts';
import {
  keeps,
  memoryBreaches,
  PEAK_RSS_BYTES_MAX,
  PEAK_RSS_GROWTH_BYTES_MAX,
  peakGrowth,
  peakOf,
  type Ratio,
  type SizeSummary,
  summarise,
} from './summary.ts';
import { ticketFile } from './ticket-file.ts';

export interface TicketFigures {
  readonly sizes: readonly SizeSummary[];
  readonly duckdb: Round['duckdb'];
  readonly hasOpenssl: boolean;
  readonly peers: {
    readonly records: number;
    readonly missing: string | null;
    readonly versions: Readonly<Record<string, string>>;
  };
}

export const TICKETS: Section<TicketFigures> = {
  name: 'tickets',
  measure,
  render,
  breaches: ({ sizes }) => memoryBreaches(sizes),
};

async function measure(bench: Bench): Promise<TicketFigures> {
  const { dataDir, scratchDir, built, hasOpenssl, keep } = bench;
  const sizes: SizeSummary[] = [];
  let duckdb: Round['duckdb'] = { version: 'unknown', threads: 0 };
  bench.onProgress(`tickets: the peers, and ${bench.peerRecords} records for them`);
  const few = await ticketFile({ dataDir, records: bench.peerRecords });
  const peers = await peersFor({ dataDir, few });
  if (peers.missing !== null) bench.onProgress(`tickets: without the Python peers: ${peers.missing}`);
  for (const [at, { records, runs }] of bench.sizes.entries()) {
    bench.onProgress(`tickets: generating ${records} records, or finding them`);
    const tickets = await ticketFile({ dataDir, records });
    const project = await benchProject({ scratchDir, tickets });
    try {
      const rounds: Round[] = [];
      for (let number = 0; number < runs; number += 1) {
        bench.onProgress(`tickets: ${records} records, round ${number + 1} of ${runs}`);
        // Peers take part in the first size alone: some need minutes and gigabytes for more.
        const beside = at === 0 ? peers : null;
        rounds.push(await runRound({ built, project, tickets, number, hasOpenssl, peers: beside }));
      }
      bench.onProgress(`tickets: ${records} records, where the time goes`);
      const stages = await watchedRun({ built, project });
      duckdb = rounds.at(-1)?.duckdb ?? duckdb;
      sizes.push(summarise({ tickets, rounds, stages, peerRecords: peers.records }));
    } finally {
      if (!keep) await project.remove();
    }
  }
  const { records, missing, versions } = peers;
  return { sizes, duckdb, hasOpenssl, peers: { records, missing, versions } };
}

const NAMES: Readonly<Record<Contestant, string>> = {
  tidemark: 'tidemark run',
  again: 'tidemark run, again over the same home',
  trusted: 'tidemark run --trust-mtime, again',
  duckdb: 'DuckDB bare: read_json → COPY parquet',
  copy: 'cp and sync of the file',
  sha256: 'openssl sha256',
  node: 'Node: JSON.parse, Ajv, sha256, DuckDB appender',
  dlt_parquet: 'dlt: JSONL → Parquet',
  dlt_iceberg: 'dlt: JSONL → Iceberg',
  jsonschema: 'Python: json.loads and jsonschema, validates only',
};

function render({ sizes, duckdb, hasOpenssl, peers }: TicketFigures): string {
  const parts = sizes.map((size) =>
    [
      `### ${whole(size.records)} records, ${mebibytes(size.sizeBytes)} MiB, ${counted(size.rounds, 'round')}`,
      costTable(size),
      ratioTable(size.ratios),
      stageTable(size),
    ].join('\n\n'),
  );
  const versions = Object.entries(peers.versions).map(([name, version]) => `${name} ${version}`);
  const notes = [
    ...(hasOpenssl ? [] : ['There is no openssl on this machine: that floor is not measured.']),
    ...(peers.missing === null ? [] : [`The Python peers did not take part: ${peers.missing}`]),
    ...(versions.length === 0 ? [] : [`Peers: ${versions.join(', ')}.`]),
  ];
  return `## One large file of tickets through the whole job

About 1% of the records break their contract and 1% repeat an earlier one. Every run's account was compared with what the
generator planted, outcome by outcome, before it was counted; so were those of the peers that have one.

${[...notes, ...parts, memory(sizes)].join('\n\n')}

### What is compared

- **tidemark run**: the published command, from the start of its process to its end, over an empty home: contract, copy
  with hash and sync, fingerprints, duplicates, rejections, Parquet files, Iceberg metadata, the commit, its read-back,
  reconciliation, evidence; at most ${counted(duckdb.threads, 'DuckDB thread')}.
- **again**: the same command over the same home. It takes the file's sum and commits nothing. **--trust-mtime**: the file
  is not even read.
- **DuckDB bare**: \`read_json\` with the contract's columns declared, to one Parquet file with zstd, rows in their order.
  Nothing is checked, nothing is hashed, nothing is synced; its memory limit is its default.
- **cp and sync**, **openssl sha256**: the file copied durably, and read with its sum taken. Together with the bare
  conversion they are the least that the job could cost if its parts were done one after the other.
- **Node**: what one writes without an engine, in one file: parse, validate, canonical text, sha256, a set of fingerprints,
  rows appended to DuckDB, one Parquet file. No copy of the source, no evidence, no commit.
- **dlt**: its own file source and normaliser, two processes, larger buffers as its performance guide has it; a schema is
  inferred, nothing is judged or deduplicated. **Python**: one loop, the validator compiled once, nothing written.
  These got ${whole(peers.records)} records; rates are compared, and their start-up is in them.`;
}

function costTable({ contestants }: SizeSummary): string {
  const rows = contestants.map((entry) => [
    NAMES[entry.contestant],
    whole(entry.records),
    spreadText(entry.wallSeconds, seconds),
    spreadText(entry.cpuSeconds, seconds),
    entry.peakRssBytes === null ? 'not seen' : spreadText(entry.peakRssBytes, mebibytes),
    whole(entry.recordsPerSecond),
    whole(entry.bytesPerSecond / 1e6),
  ]);
  return table(['what', 'records', 'wall s', 'CPU s', 'peak RSS MiB', 'records/s', 'MB/s'], rows);
}

export function ratioTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map((entry) => [entry.name, spreadText(entry.value, ratio), boundText(entry)]);
  return table(['ratio, taken within each round', 'median (min–max)', 'bound'], rows);
}

function boundText(entry: Ratio): string {
  if (entry.bound === null) return '';
  const sign = entry.bound.kind === 'at_most' ? '≤' : '≥';
  return `${sign} ${entry.bound.value}: ${keeps(entry) ? 'kept' : 'NOT KEPT'}`;
}

function stageTable({ stages }: SizeSummary): string {
  const all = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const rows = stages.map(({ stage, seconds: spent, cpuSeconds, peakRssBytes }) => [
    stage,
    seconds(spent),
    `${Math.round((100 * spent) / all)}%`,
    seconds(cpuSeconds),
    mebibytes(peakRssBytes),
  ]);
  return table(
    ['where the time goes (one more run)', 'wall s', 'share', 'CPU s', 'peak RSS MiB until its end'],
    rows,
  );
}

function memory(sizes: readonly SizeSummary[]): string {
  const bound = (bytes: number, max: number) =>
    `${mebibytes(bytes)} MiB; bound ${mebibytes(max)} MiB: ${bytes <= max ? 'kept' : 'NOT KEPT'}`;
  const lines = sizes.map(
    (size) => `- ${whole(size.records)} records: ${bound(peakOf(size, 'tidemark'), PEAK_RSS_BYTES_MAX)}`,
  );
  const growth = peakGrowth(sizes);
  if (growth !== null) {
    lines.push(
      `- ${whole(growth.largest.records)} records beyond ${whole(growth.smallest.records)}: ${bound(growth.bytes, PEAK_RSS_GROWTH_BYTES_MAX)}`,
    );
  }
  return `### Memory of \`tidemark run\`, all its processes and threads, greatest of all rounds\n\n${lines.join('\n')}`;
}
