import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';

const script = fileURLToPath(new URL('machine.ts', import.meta.url));

export interface Ended {
  readonly runs: readonly { manifestId: string; state: string; code: string | null }[];
  readonly unopened: readonly string[];
}

/** Killed, if it still goes on, when its test is done. */
export interface Machine extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when it comes to a point, or ended without coming there. */
  reaches(point: RestartPoint): Promise<void>;
  /** What it told last; null where it was killed. */
  ended(): Promise<Ended | null>;
}

/** Runs every manifest of a project in a process of its own; words as `machine.ts` takes them. */
export function startMachine({ root }: SampleProject, ...words: string[]): Machine {
  const child = spawn(process.execPath, [script, root, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const told: string[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => told.push(line));
  const closed = once(lines, 'close');
  const ended = async () => {
    await closed;
    const last = told.find((line) => line.startsWith('ended '));
    return last === undefined ? null : (JSON.parse(last.slice('ended '.length)) as Ended);
  };
  return {
    child,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
    },
    reaches: async (point) => {
      while (!told.includes(point))
        if ((await Promise.race([once(lines, 'line'), closed.then(() => null)])) === null) return;
    },
  };
}
