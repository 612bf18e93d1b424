import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { freePort, type ServerProcess, startServerProcess } from './server-process.ts';

/** Where a Debian package of MariaDB's server is unpacked, or `/`; `npm run test:mysql` says it. */
const ROOT = process.env.TIDEMARK_TEST_MARIADB;
const READY_ATTEMPTS = 400;
const READY_DELAY_MS = 50;

export interface MariadbServer extends AsyncDisposable {
  readonly url: string;
  /** Makes an empty database and gives the URL to open it. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server as a power cut would. `start` goes on from what is on disk. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A server of its own on a free loopback port, which ends with this process. Its account root has no password. */
export async function startMariadb({
  settings = [],
}: {
  /** Such as `--read-only`. */
  settings?: readonly string[];
} = {}): Promise<MariadbServer> {
  if (ROOT === undefined)
    throw new Error('no server of MariaDB is named by TIDEMARK_TEST_MARIADB; run: npm run test:mysql');
  const program = join(ROOT, 'usr/sbin/mariadbd');
  const share = join(ROOT, 'usr/share/mysql');
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-mariadb-'));
  const data = join(dir, 'data');
  await mkdir(data);
  const env = {
    PATH: process.env.PATH,
    LD_LIBRARY_PATH: ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu']
      .map((lib) => join(ROOT, lib))
      .join(':'),
  };
  const shared = [
    '--no-defaults',
    `--basedir=${join(ROOT, 'usr')}`,
    `--datadir=${data}`,
    `--lc-messages-dir=${share}`,
    '--innodb-log-file-size=8M',
    // It is asked whether it is meant to run as root.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  await bootstrap(program, { args: shared, share, env });
  const port = await freePort();
  const args = [
    ...shared,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(dir, 'socket')}`,
    `--pid-file=${join(dir, 'pid')}`,
    '--innodb-flush-log-at-trx-commit=2',
    ...settings,
  ];
  const url = `mysql://root@127.0.0.1:${port}`;
  let running: ServerProcess | null = null;
  const start = async () => {
    running = await startServerProcess(program, { args, env, cwd: dir, stopSignal: 'TERM' });
    const state = await Promise.race([ready(url), running.exited]);
    if (state === 'ended') throw new Error('the MariaDB server does not start');
  };
  const ended = async (kill?: (pid: number) => void) => {
    await running?.end(kill);
    running = null;
  };
  await start();
  return {
    url,
    start,
    kill: async () => await ended((pid) => process.kill(pid, 'SIGKILL')),
    createDatabase: async (name) => {
      await ask(url, `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`);
      return `${url}/${name}`;
    },
    [Symbol.asyncDispose]: async () => {
      await ended();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Makes the tables that the server itself needs, from the statements that come with it. */
async function bootstrap(
  program: string,
  { args, share, env }: { args: readonly string[]; share: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const files = ['mysql_system_tables', 'mysql_performance_tables', 'mysql_system_tables_data'];
  const texts = await Promise.all(
    files.map(async (name) => await readFile(join(share, `${name}.sql`), 'utf8')),
  );
  const server = spawn(program, [...args, '--bootstrap'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(server, 'exit');
  server.stdin.end(
    ['CREATE DATABASE mysql;', 'USE mysql;', 'SET @auth_root_socket = NULL;', ...texts].join('\n'),
  );
  const [code] = await exited;
  if (code !== 0) throw new Error(`MariaDB's own tables could not be made: it ended with ${code}`);
}

async function ready(url: string): Promise<'ready'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ask(url, 'SELECT 1');
      return 'ready';
    } catch (error) {
      if (attempt === READY_ATTEMPTS) throw error;
      await setTimeout(READY_DELAY_MS);
    }
  }
}

async function ask(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
