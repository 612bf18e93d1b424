import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { highWaterBytes, residentBytes } from './peak-memory.ts';

/** What one command cost, its children included. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system time. */
  readonly cpuSeconds: number;
  /**
   * The most that all its processes held together, looked at every few milliseconds; for one process alone what the kernel
   * noted as its peak. Null where it could not be seen: the command was over too soon, or there is no `/proc`.
   */
  readonly peakRssBytes: number | null;
}

const LOOK_EVERY_MS = 10;
/**
 * A small shell starts the command and tells its time: exact for a child that says nothing of itself, and the child does
 * not inherit this process's own peak, as `ru_maxrss` of a direct child would.
 */
const TIMED = '"$@" 3>&-; code=$?; times >&3; exit $code';

/** @throws Error with what the command said, when it fails. */
export async function measure(
  command: readonly string[],
  { cwd, env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Cost & { readonly stdout: string }> {
  const started = performance.now();
  const shell = spawn('sh', ['-c', TIMED, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: { ...process.env, ...env } }),
  });
  let peakRssBytes: number | null = null;
  const looking = setInterval(() => {
    const held = heldBy(descendantsOf(shell.pid));
    if (held !== null) peakRssBytes = Math.max(peakRssBytes ?? 0, held);
  }, LOOK_EVERY_MS);
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      shell.on('error', reject);
      shell.on('exit', resolve);
    });
    const [, out, err, times] = shell.stdio;
    const told = Promise.all([out, err, times].map((pipe) => text(pipe as NodeJS.ReadableStream)));
    const code = await ended;
    const wallSeconds = (performance.now() - started) / 1000;
    const [stdout = '', stderr = '', spent = ''] = await told;
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return { wallSeconds, cpuSeconds: secondsOfChildren(spent), peakRssBytes, stdout };
  } finally {
    clearInterval(looking);
  }
}

function heldBy(pids: readonly number[]): number | null {
  const [only, ...others] = pids;
  if (only === undefined) return null;
  if (others.length === 0) return highWaterBytes(only);
  return pids.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0);
}

/** Children of a process, theirs, and so on. */
function descendantsOf(pid: number | undefined): number[] {
  const children = childrenOf(pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The second line of `times`, such as `0m1.230s 0m0.120s`. */
function secondsOfChildren(times: string): number {
  const line = times.split('\n')[1] ?? '';
  const found = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  if (found.length !== 2) throw new Error(`the shell's times cannot be read: ${JSON.stringify(times)}`);
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
