import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SampleProject } from './sample-project.ts';

const REMOVE = fileURLToPath(new URL('remove-from-store.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

/** Types a command in a project's folder, through a shell, as it was printed. What it prints; it must succeed. */
export async function shell(project: Pick<SampleProject, 'root'>, command: string): Promise<string> {
  const { exit, stdout, stderr } = await typed(project, command);
  if (exit === 0) return stdout;
  throw new Error(`${command}\n${stdout}\n${stderr}`);
}

/** Types a command as it is suggested, and the one that it prints to go on with a plan. */
export async function type(project: Pick<SampleProject, 'root'>, command: string): Promise<void> {
  const printed = await shell(project, command);
  const [, execute] = /next: npx tidemark (.* --execute \w+)/.exec(printed) ?? [];
  if (execute !== undefined) await shell(project, `tidemark ${execute}`);
}

/** Types a command, whatever it comes to. */
export async function typed(
  project: Pick<SampleProject, 'root'>,
  command: string,
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const called = `tidemark() { '${process.execPath}' '${MAIN}' "$@"; }; npx() { "$@"; };
    aws() { '${process.execPath}' '${REMOVE}' "$@"; }; ${command}`;
  return await new Promise((resolve) => {
    execFile('sh', ['-c', called], { cwd: project.root }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
