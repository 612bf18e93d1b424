import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';

const NOBODY = 65534;

export type NobodyRun =
  | { readonly kind: 'ran'; readonly runs: readonly RunReport[] }
  /** The checkout itself is out of reach for that user, so nothing could be shown. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** Runs a project as a user whom permissions bind, also where the tests themselves run as root. */
export function runAsNobody(project: string): Promise<NobodyRun> {
  const script = fileURLToPath(new URL('run-project.ts', import.meta.url));
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return new Promise((resolve) => {
    const options = { ...who, cwd: tmpdir(), maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [script, project], options, (error, stdout, stderr) => {
      if (stdout !== '') return resolve({ kind: 'ran', runs: JSON.parse(stdout).runs });
      resolve({
        kind: 'impossible',
        reason: `an unprivileged user cannot run this checkout: ${stderr || error?.message}`,
      });
    });
  });
}
