import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';
import type { Invocation } from '../../tidemark/src/tidemark.ts';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('run-project.ts', import.meta.url));

/** Runs one manifest in another process, to its end. */
export async function runElsewhere(
  project: SampleProject,
  manifest: string,
): Promise<Pick<Invocation, 'runs' | 'unopened'>> {
  const path = join(project.root, 'data/seed_manifests', manifest);
  const { stdout } = await execute(process.execPath, [script, project.root, path]);
  return JSON.parse(stdout);
}
