import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestartPoint } from '../tidemark/src/model/restart-points.ts';
import type { BenchProject } from './bench-project.ts';
import type { BuiltPackage } from './build-package.ts';
import type { Ingested, Passing } from './ingest-once.ts';
import { measure } from './measure.ts';

export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most memory the process had held when the stage was over. */
  readonly peakRssBytes: number;
}

/** Each stage with the point at which it is over, in order. */
const STAGES: readonly (readonly [stage: string, end: RestartPoint])[] = [
  ['start: Node, declarations, catalog', 'run_opened'],
  ['landing: copy, hash, sync, receipt', 'receipt_recorded'],
  ['refining: decode, judge, fingerprint; first data files', 'unit_refined'],
  ['data files: what is left of them, rejects, skips', 'data_files_written'],
  ['commit: metadata, one transaction', 'committed'],
  ['proof: read-back, reconciliation, evidence', 'proven'],
];
const LAST = 'end: scratch removed, catalog closed';

/** One run of the library, watched: where its time goes. */
export async function watchedRun({
  built,
  project,
  flags = [],
}: {
  built: BuiltPackage;
  project: BenchProject;
  flags?: readonly string[];
}): Promise<StageTime[]> {
  const home = project.place('home-watched');
  const script = join(import.meta.dirname, 'ingest-once.ts');
  const command = [process.execPath, ...flags, script, built.dist, project.root, project.manifestPath, home];
  const { stdout, ...cost } = await measure(command);
  const { passings, peak, report } = JSON.parse(stdout) as Ingested;
  if (report.state !== 'committed') throw new Error(`The watched run ended as ${report.state}`);
  await rm(home, { recursive: true });
  return stageTimes(passings, { ...cost, peakRssBytes: peak.highWaterBytes ?? peak.maxRssBytes });
}

/**
 * Where the time of one run went. The stages add up to the wall time: what the process takes to begin and to end is in
 * the first and the last.
 */
export function stageTimes(
  passings: readonly Passing[],
  whole: { readonly wallSeconds: number; readonly cpuSeconds: number; readonly peakRssBytes: number },
): StageTime[] {
  let since = { seconds: 0, cpuSeconds: 0 };
  const spentUntil = (end: typeof since) => {
    const spent = { seconds: end.seconds - since.seconds, cpuSeconds: end.cpuSeconds - since.cpuSeconds };
    since = end;
    return spent;
  };
  const times = STAGES.map(([stage, end]): StageTime => {
    const passing = passings.findLast(({ point }) => point === end);
    if (passing === undefined) throw new Error(`the run never passed ${end}`);
    return { stage, ...spentUntil(passing), peakRssBytes: passing.peakRssBytes };
  });
  const rest = spentUntil({ seconds: whole.wallSeconds, cpuSeconds: whole.cpuSeconds });
  return [...times, { stage: LAST, ...rest, peakRssBytes: whole.peakRssBytes }];
}
