// Runs the tests that need a server of MySQL on Debian's MariaDB: the one that is installed, else its packages, unpacked
// into a folder of their own. Fails where neither is to be had.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SERVER = 'mariadb-server-core';
const PROGRAM = 'usr/sbin/mariadbd';
const cache = join(root, 'node_modules/.cache/tidemark-mariadb');

const run = (program: string, words: readonly string[], cwd = root) =>
  execFileSync(program, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Where its file system begins. */
function findServer(): string {
  const named = process.env.TIDEMARK_TEST_MARIADB;
  if (named !== undefined) return named;
  if (existsSync(join('/', PROGRAM))) return '/';
  if (!existsSync(join(cache, PROGRAM))) unpack();
  return cache;
}

/** Complete or not there: what was begun is thrown away. */
function unpack(): void {
  const begun = `${cache}.begun`;
  rmSync(begun, { recursive: true, force: true });
  mkdirSync(begun, { recursive: true });
  download(SERVER, begun);
  const [server] = readdirSync(begun);
  const needed = run('dpkg-deb', ['--field', join(begun, server!), 'Depends']).split(',');
  for (const entry of needed) {
    const name = entry.trim().split(/[ (|:]/, 1)[0]!;
    // Configuration that is not asked for, by --no-defaults.
    if (name !== 'mariadb-common' && !isInstalled(name)) download(name, begun);
  }
  for (const file of readdirSync(begun)) {
    run('dpkg-deb', ['--extract', join(begun, file), begun]);
    rmSync(join(begun, file));
  }
  renameSync(begun, cache);
}

function download(name: string, into: string): void {
  const words = ['download', '--quiet', name];
  if (spawnSync('apt-get', words, { cwd: into, stdio: 'ignore' }).status === 0) return;
  // A fresh machine has no list of packages yet.
  run('apt-get', ['update', '--quiet']);
  run('apt-get', words, into);
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return /^Status: .* installed$/m.test(stdout);
}

const files = globSync('test/mysql/*.mysql.ts', { cwd: root }).sort();
const { status } = spawnSync(process.execPath, ['--test', ...files], {
  cwd: root,
  env: { ...process.env, TIDEMARK_TEST_MARIADB: findServer() },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
