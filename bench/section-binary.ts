import { cp, link, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceManifest } from '../tidemark/src/manifest/source-manifest.ts';
import type { Invocation } from '../tidemark/src/tidemark.ts';
import type { Bench, Section } from './bench.ts';
import { type BinaryFile, binaryFiles, durationOf } from './binary-files.ts';
import { counted, mebibytes, seconds, spreadText, table, whole } from './markdown.ts';
import { type Cost, measure } from './measure.ts';
import { ratioTable } from './section-tickets.ts';
import { keeps, type Ratio, type Spread, spread } from './summary.ts';

const MOVERS = ['tidemark', 'again', 'copy', 'copy_sync', 'sha256'] as const;
type Mover = (typeof MOVERS)[number];

export interface BinaryFigures {
  readonly files: number;
  readonly fileBytes: number;
  readonly rounds: number;
  readonly movers: readonly {
    readonly mover: Mover;
    readonly wallSeconds: Spread;
    readonly cpuSeconds: Spread;
    readonly peakRssBytes: Spread | null;
  }[];
  readonly ratios: readonly Ratio[];
}

export const BINARY: Section<BinaryFigures> = { name: 'binary', measure: measureBinary, render, breaches };

async function measureBinary(bench: Bench): Promise<BinaryFigures> {
  const { binaryFiles: count, binaryFileBytes: sizeBytes, binaryRuns, scratchDir, hasOpenssl } = bench;
  bench.onProgress(`binary: generating ${count} files of ${mebibytes(sizeBytes)} MiB, or finding them`);
  const files = await binaryFiles({ dataDir: bench.dataDir, count, sizeBytes });
  const root = await mkdtemp(join(scratchDir, 'bench-binary-'));
  try {
    const manifestPath = await arrange(root, files);
    const rounds: Partial<Record<Mover, Cost>>[] = [];
    for (let number = 0; number < binaryRuns; number += 1) {
      bench.onProgress(`binary: round ${number + 1} of ${binaryRuns}`);
      rounds.push(await runRound({ bench, root, manifestPath, files, number, hasOpenssl }));
    }
    return summarise({ files, rounds });
  } finally {
    if (!bench.keep) await rm(root, { recursive: true, force: true });
  }
}

async function arrange(root: string, files: readonly BinaryFile[]): Promise<string> {
  await cp(join(import.meta.dirname, '../contracts/data'), join(root, 'contracts/data'), { recursive: true });
  await mkdir(join(root, 'data/seed_manifests'), { recursive: true });
  const delivered = new Date(Date.now() - 3_600_000);
  for (const { name, path } of files) {
    await link(path, join(root, 'data', name)).catch(() => cp(path, join(root, 'data', name)));
    await utimes(join(root, 'data', name), delivered, delivered);
  }
  const manifest: SourceManifest = {
    manifest_id: 'manifest-bench-binary-20260401-001',
    schema_version: 'source_manifest_v1',
    batch_id: 'batch-bench-binary',
    modality: 'audio',
    source_type: 'call_recording',
    license_tag: 'course_synthetic',
    contract_ref: 'omni://contracts/data/audio_asset/v1',
    load_mode: 'full_snapshot',
    created_at: '2026-04-01T08:00:00Z',
    owner: 'data-platform',
    assets: files.map(({ name, sizeBytes, sha256 }, at) => ({
      source_id: `CALL-20260401-${String(at).padStart(8, '0')}`,
      source_url_or_path: `data/${name}`,
      asset_type: 'audio',
      size_bytes: sizeBytes,
      checksum_sha256: sha256,
      duration_sec: durationOf(sizeBytes),
      language: 'en',
      metadata_status: 'complete',
      pii_scan_status: 'redacted',
    })),
  };
  const path = join(root, 'data/seed_manifests/binary.json');
  await writeFile(path, JSON.stringify(manifest, null, 2));
  return path;
}

async function runRound(round: {
  bench: Bench;
  root: string;
  manifestPath: string;
  files: readonly BinaryFile[];
  number: number;
  hasOpenssl: boolean;
}): Promise<Partial<Record<Mover, Cost>>> {
  const { bench, root, files, number, hasOpenssl } = round;
  const costs: Partial<Record<Mover, Cost>> = {};
  const paths = files.map(({ name }) => join(root, 'data', name));
  // Memory that a virtual machine gave back to its host is several times as dear to write to as what was freed just now:
  // without this, whoever comes after one that freed as much as it will fill has it for nothing.
  const afterFreeing = async <T>(step: () => Promise<T>): Promise<T> => {
    const out = join(root, 'freed');
    await mkdir(out);
    await measure(['sh', '-c', 'out=$1; shift; cp "$@" "$out" && sync', 'sh', out, ...paths]);
    await rm(out, { recursive: true });
    return await step();
  };
  const copyBy = (command: string) => async (mover: Mover) => {
    const out = join(root, 'copy');
    await mkdir(out);
    const { stdout: _, ...cost } = await measure(['sh', '-c', command, 'sh', out, ...paths]);
    costs[mover] = cost;
    await rm(out, { recursive: true });
  };
  const steps = [
    async () => Object.assign(costs, await afterFreeing(() => runJob(round))),
    async () => await afterFreeing(() => copyBy('out=$1; shift; cp "$@" "$out"')('copy')),
    async () =>
      await afterFreeing(() => copyBy('out=$1; shift; cp "$@" "$out" && sync "$out"/*')('copy_sync')),
    async () => {
      if (!hasOpenssl) return;
      const { stdout, ...cost } = await measure(['openssl', 'dgst', '-sha256', ...paths]);
      if (!files.every(({ sha256 }) => stdout.includes(sha256))) throw new Error('openssl found other sums');
      costs.sha256 = cost;
    },
  ];
  bench.onProgress(`binary: ${whole(files.length)} files by each of them`);
  for (const at of steps.keys()) {
    await measure(['sync']);
    await steps[(at + number) % steps.length]?.();
  }
  return costs;
}

async function runJob({
  bench: { built },
  root,
  manifestPath,
  files,
}: {
  bench: Bench;
  root: string;
  manifestPath: string;
  files: readonly BinaryFile[];
}): Promise<Partial<Record<Mover, Cost>>> {
  const home = join(root, 'home');
  const run = async () => {
    const report = join(root, 'report.json');
    const words = ['run', '--project', root, '--home', home, '--manifest-path', manifestPath];
    const { stdout: _, ...cost } = await measure([
      process.execPath,
      built.bin,
      ...words,
      '--quiet',
      '--report-json',
      report,
    ]);
    const [told] = (JSON.parse(await readFile(report, 'utf8')) as Invocation).runs;
    return { cost, tally: told?.assetTally };
  };
  const first = await run();
  const second = await run();
  if (first.tally?.committed !== files.length || second.tally?.already_committed !== files.length) {
    throw new Error(`The files were not taken in, or not found again: ${JSON.stringify([first, second])}`);
  }
  await rm(home, { recursive: true });
  return { tidemark: first.cost, again: second.cost };
}

function summarise({
  files,
  rounds,
}: {
  files: readonly BinaryFile[];
  rounds: readonly Partial<Record<Mover, Cost>>[];
}): BinaryFigures {
  const movers = MOVERS.flatMap((mover) => {
    const costs = rounds.flatMap((round) => round[mover] ?? []);
    if (costs.length === 0) return [];
    const peaks = costs.flatMap(({ peakRssBytes }) => peakRssBytes ?? []);
    return [
      {
        mover,
        wallSeconds: spread(costs.map((cost) => cost.wallSeconds)),
        cpuSeconds: spread(costs.map((cost) => cost.cpuSeconds)),
        peakRssBytes: peaks.length === 0 ? null : spread(peaks),
      },
    ];
  });
  const wall = (round: Partial<Record<Mover, Cost>>, mover: Mover) => round[mover]?.wallSeconds ?? 0;
  const over = (
    name: string,
    take: (round: Partial<Record<Mover, Cost>>) => number,
    value: number | null,
  ): Ratio => ({
    name,
    value: spread(rounds.map(take)),
    bound: value === null ? null : { kind: 'at_least', value },
  });
  return {
    files: files.length,
    fileBytes: files[0]?.sizeBytes ?? 0,
    rounds: rounds.length,
    movers,
    ratios: [
      over(
        'speed of tidemark run to the slower of cp and openssl sha256',
        (round) => Math.max(wall(round, 'copy'), wall(round, 'sha256')) / wall(round, 'tidemark'),
        0.8,
      ),
      over(
        'the same, cp followed by a sync as ours is',
        (round) => Math.max(wall(round, 'copy_sync'), wall(round, 'sha256')) / wall(round, 'tidemark'),
        null,
      ),
      over(
        'speed of the second run to openssl sha256',
        (round) => wall(round, 'sha256') / wall(round, 'again'),
        null,
      ),
    ],
  };
}

const NAMES: Readonly<Record<Mover, string>> = {
  tidemark: 'tidemark run',
  again: 'tidemark run, again over the same home',
  copy: 'cp of the files',
  copy_sync: 'cp and sync of the files',
  sha256: 'openssl sha256, one after the other',
};

function breaches({ ratios }: BinaryFigures): string[] {
  return ratios
    .filter((entry) => !keeps(entry))
    .map(({ name, value }) => `${name}: ${value.median.toFixed(2)}`);
}

function render({ files, fileBytes, rounds, movers, ratios }: BinaryFigures): string {
  const rows = movers.map(({ mover, wallSeconds, cpuSeconds, peakRssBytes }) => [
    NAMES[mover],
    spreadText(wallSeconds, seconds),
    spreadText(cpuSeconds, seconds),
    peakRssBytes === null ? 'not seen' : spreadText(peakRssBytes, mebibytes),
    whole((files * fileBytes) / wallSeconds.median / 1e6),
  ]);
  return `## Binary assets

${counted(files, 'recording')} of ${mebibytes(fileBytes)} MiB in one manifest, ${counted(rounds, 'round')}. **tidemark run** is the whole job: start, copies synced
and hashed, each file looked into, a row each, commit, proof. Before each that writes, the files are copied and removed once
more, so that none fills memory that is dearer than another's.

${table(['what', 'wall s', 'CPU s', 'peak RSS MiB', 'MB/s'], rows)}

${ratioTable(ratios)}`;
}
