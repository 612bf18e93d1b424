import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { ERROR_CODES } from '../../errors/codes.ts';
import { TapFailure } from './tap-failure.ts';

export interface Running {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Longest time without a byte of output. */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
  /** What it writes to its log. */
  onLog(text: string): void;
}

/** From being asked to end until being ended. */
const GRACE_MS = 5000;

/**
 * Runs a program without a shell, in a process group of its own, and gives what it writes. When its output has ended it has
 * to end with 0; however this ends, nothing of the group is left.
 * @throws TapFailure; the signal's reason when cancelled
 */
export async function* runProcess(running: Running): AsyncGenerator<Buffer> {
  const { command, cwd, env, idleMs, totalMs, signal, onLog } = running;
  const [program = '', ...args] = command;
  signal.throwIfAborted();
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(
    ([code, killed]) => (killed ?? code) as string | number,
    (error: Error) => error,
  );
  let why: unknown = null;
  const stop = (reason: unknown) => {
    why ??= reason;
    kill(child.pid, 'SIGTERM');
    void wait(GRACE_MS, undefined, { ref: false }).then(() => kill(child.pid, 'SIGKILL'));
  };
  const silent = () =>
    stop(new TapFailure(`${program} wrote nothing for ${idleMs / 1000} s and was stopped`, TIMED));
  let idle = setTimeout(silent, idleMs);
  const total = setTimeout(
    () => stop(new TapFailure(`${program} was not done within ${totalMs / 1000} s and was stopped`, TIMED)),
    totalMs,
  );
  const onAbort = () => stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  child.stderr.setEncoding('utf8').on('data', onLog);
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      clearTimeout(idle);
      yield chunk;
      idle = setTimeout(silent, idleMs);
    }
    const ending = await exited;
    if (why !== null) throw why;
    if (ending instanceof Error) throw new TapFailure(`${program} cannot be run: ${ending.message}`);
    if (ending !== 0) throw new TapFailure(`${program} ended with ${ending}`);
  } finally {
    clearTimeout(idle);
    clearTimeout(total);
    signal.removeEventListener('abort', onAbort);
    // Also what it started and left behind, and itself where nobody wants the rest.
    kill(child.pid, 'SIGKILL');
    await exited;
  }
}

const TIMED = {
  code: ERROR_CODES.tap_timed_out,
  next: 'See why it took so long, or raise limits.tapIdleMs or limits.tapTotalMs in tidemark.yaml; then run again.',
};

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
