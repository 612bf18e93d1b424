import { join } from 'node:path';
import { findRun } from '../catalog/runs.ts';
import { namesIn } from '../landing/store/stored-files.ts';
import type { Archive } from './archive.ts';
import { entriesOfRun } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';
import { removeWhole } from './remove-command.ts';
import { inProgressIds } from './run-leases.ts';
import { verifyFolder } from './verify-folder.ts';
import { verifyRunRecord } from './verify-run-record.ts';

export interface RunsVerification {
  /** Runs whose record and folder were looked at. */
  readonly runs: number;
  /** Evidence files whose sum was taken. */
  readonly files: number;
  /** Runs that are going on, left out. */
  readonly inProgress: readonly string[];
  readonly findings: readonly EvidenceFinding[];
}

/** Runs looked at between two looks at the leases. */
const RUNS_PER_PAGE = 200;

/** Every run of the catalog and every evidence folder. */
export async function verifyRuns(archive: Archive, next: string): Promise<RunsVerification> {
  const { catalog, home } = archive;
  const findings: EvidenceFinding[] = [];
  const inProgress: string[] = [];
  const folders = new Set(await namesIn(home.evidenceDir));
  let runs = 0;
  let files = 0;
  let after = '';
  for (;;) {
    const page = await catalog
      .selectFrom('runs')
      .select('run_id')
      .where('run_id', '>', after)
      .orderBy('run_id')
      .limit(RUNS_PER_PAGE)
      .execute();
    // Asked after the runs: one of these that holds no lease now has written everything that it will write.
    const alive = await inProgressIds(catalog);
    for (const { run_id: runId } of page) {
      archive.signal.throwIfAborted();
      folders.delete(runId);
      if (alive.has(runId)) {
        inProgress.push(runId);
        continue;
      }
      const run = await findRun(catalog, runId);
      if (run === null) continue;
      const entries = await entriesOfRun(catalog, runId);
      const folder = await verifyFolder({ evidenceDir: home.evidenceDir, runId, entries });
      findings.push(...verifyRunRecord(run, { entries, next }), ...folder.findings);
      runs += 1;
      files += folder.files;
    }
    after = page.at(-1)?.run_id ?? '';
    if (page.length < RUNS_PER_PAGE) break;
  }
  const alive = await inProgressIds(catalog);
  for (const name of [...folders].filter((folder) => !alive.has(folder)).sort()) {
    if ((await findRun(catalog, name)) === null) findings.push(strangeFolder(home.evidenceDir, name));
  }
  return { runs, files, inProgress, findings };
}

function strangeFolder(evidenceDir: string, name: string): EvidenceFinding {
  return {
    kind: 'file_not_sealed',
    subject: join('evidence', name),
    message: `${join('evidence', name)} belongs to no run of the catalog.`,
    expected: 'only folders of runs',
    found: name,
    next: `Look at it, then: ${removeWhole(join(evidenceDir, name))}`,
  };
}
