import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RunReport } from '../evidence/run-report.ts';
import { type OpenOptions, openTidemark } from '../open-tidemark.ts';
import type { SampleProject } from './sample-project.ts';

/** Runs every manifest of a project; every run must at least open. */
export async function runProject(project: SampleProject, options: OpenOptions = {}): Promise<RunReport[]> {
  await using tidemark = await openTidemark({ project: project.root, ...options });
  const { runs, unopened, refused } = await tidemark.run();
  assert.deepEqual(unopened, []);
  assert.deepEqual(refused, []);
  return [...runs];
}

/** The only run of a project with one manifest. */
export async function runOnly(project: SampleProject, options: OpenOptions = {}): Promise<RunReport> {
  const [report, ...others] = await runProject(project, options);
  assert.ok(report);
  assert.equal(others.length, 0);
  return report;
}

export function homeOf(project: SampleProject): string {
  return join(project.root, '.tidemark');
}
