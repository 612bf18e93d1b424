import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Section } from './bench.ts';
import { benchProject } from './bench-project.ts';
import { seconds, table, whole } from './markdown.ts';
import { type ProfileSummary, readProfiles, type Share } from './profile.ts';
import { type StageTime, watchedRun } from './stages.ts';
import { ticketFile } from './ticket-file.ts';

export interface ProfileFigures {
  readonly records: number;
  readonly profile: ProfileSummary;
  readonly stages: readonly StageTime[];
}

export const PROFILE: Section<ProfileFigures> = { name: 'profile', measure, render };

async function measure({
  dataDir,
  scratchDir,
  built,
  profileRecords,
  onProgress,
}: Bench): Promise<ProfileFigures> {
  onProgress(`profile: ${profileRecords} records`);
  const tickets = await ticketFile({ dataDir, records: profileRecords });
  const project = await benchProject({ scratchDir, tickets });
  // A thread that is ended leaves no profile behind: what threads refine is refined by the main one here.
  await writeFile(join(project.root, 'tidemark.yaml'), 'limits: { refineWorkersMax: 1 }\n');
  const folder = await mkdtemp(join(scratchDir, 'bench-profile-'));
  try {
    const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder];
    const stages = await watchedRun({ built, project, flags });
    return { records: profileRecords, profile: await readProfiles(folder), stages };
  } finally {
    await rm(folder, { recursive: true });
    await project.remove();
  }
}

function render({ records, profile, stages }: ProfileFigures): string {
  const native = stages.reduce((sum, stage) => sum + stage.cpuSeconds, 0) - profile.busySeconds;
  return `## What costs what

One run over ${whole(records)} records under V8's profiler, which slows it, refined in the main thread: read the shares.
${profile.threads === 1 ? 'One thread runs' : `${profile.threads} threads run`} JavaScript, busy for ${seconds(profile.busySeconds)} s in all; DuckDB's own threads (duplicates, sorting, Parquet, reading back) and the kernel's copies are not in it:
they took about ${seconds(Math.max(0, native))} s of CPU beside it.

Each line is what the job would save at most without that part, such as the contract or the fingerprint. There is no
switch that leaves one out: none of them is optional.

${table(['part', 's', 'share'], rows(profile.groups, profile.busySeconds))}

${table(['function, self time', 's', 'share'], rows(profile.functions, profile.busySeconds))}`;
}

function rows(shares: readonly Share[], all: number): string[][] {
  return shares.map(({ name, seconds: spent }) => [
    name.replaceAll('|', '\\|'),
    seconds(spent),
    `${((100 * spent) / all).toFixed(1)}%`,
  ]);
}
