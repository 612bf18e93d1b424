// Runs the whole job once with the built library, watched, in a process of its own:
// node ingest-once.ts <dist> <project> <manifest> <home>
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunReport } from '../tidemark/src/evidence/run-report.ts';
import type * as Library from '../tidemark/src/index.ts';
import type { RestartPoint } from '../tidemark/src/model/restart-points.ts';
import { type PeakMemory, peakMemory } from './peak-memory.ts';

/** When a point of the run was passed, what it had cost and the most memory held until then. */
export interface Passing {
  readonly point: RestartPoint;
  /** Since the process began. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** What the process prints. */
export interface Ingested {
  readonly report: RunReport;
  readonly passings: readonly Passing[];
  readonly peak: PeakMemory;
}

async function ingestOnce([
  dist = '',
  project = '',
  manifest = '',
  home = '',
]: readonly string[]): Promise<Ingested> {
  const passings: Passing[] = [];
  const { openTidemark }: typeof Library = await import(pathToFileURL(join(dist, 'index.js')).href);
  await using tidemark = await openTidemark({
    project,
    home,
    onReached: (point) => {
      const { user, system } = process.cpuUsage();
      const { maxRssBytes, highWaterBytes } = peakMemory();
      passings.push({
        point,
        seconds: performance.now() / 1000,
        cpuSeconds: (user + system) / 1e6,
        peakRssBytes: highWaterBytes ?? maxRssBytes,
      });
    },
  });
  const invocation = await tidemark.run({ manifestPaths: [manifest] });
  const [report] = invocation.runs;
  if (report === undefined) throw new Error(`no run: ${JSON.stringify(invocation)}`);
  return { report, passings, peak: peakMemory() };
}

const ingested = await ingestOnce(process.argv.slice(2));
process.stdout.write(JSON.stringify({ ...ingested, peak: peakMemory() }));
