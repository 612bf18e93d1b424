import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A server that ends with this process, however that ends: a shell beside it reads a pipe of ours and stops it at its end. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves with `ended` once the server has. */
  readonly exited: Promise<'ended'>;
  /** Does what ends it, and waits until it has; without anything it is stopped as it is stopped when we end. */
  end(kill?: (pid: number) => void): Promise<void>;
}

export async function startServerProcess(
  program: string,
  {
    args,
    stopSignal,
    ...options
  }: { args: readonly string[]; stopSignal: 'INT' | 'TERM' } & Pick<
    SpawnOptions,
    'cwd' | 'env' | 'uid' | 'gid'
  >,
): Promise<ServerProcess> {
  // A shell gives what it starts in the background no input, so that the pipe needs another number.
  const script = `exec 3<&0; "$0" "$@" >&2 & p=$!; echo $p; (cat <&3 >/dev/null; kill -${stopSignal} $p) & wait $p`;
  const shell: ChildProcess = spawn('/bin/sh', ['-c', script, program, ...args], {
    ...options,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(shell, 'exit').then(() => 'ended' as const);
  const [line] = await once(shell.stdout!, 'data');
  const pid = Number(String(line).trim());
  return {
    pid,
    exited,
    end: async (kill) => {
      kill?.(pid);
      shell.stdin?.end();
      await exited;
    },
  };
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
