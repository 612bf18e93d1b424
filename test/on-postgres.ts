// Runs the tests of whole flows and of faults again with every project's catalog in PostgreSQL.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../tidemark/src/testing/postgres-server.ts';

/** What these are about is the catalog as a file: its copies, its loss, its older versions, other engines that open it. */
const OF_THE_FILE = /(safekeeping|relocation|old-home)\.test\.ts$/;

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync('test/{flows,faults}/*.test.ts', { cwd: root })
  .filter((file) => !OF_THE_FILE.test(file))
  .sort();
await using server = await startPostgres();
const { status } = spawnSync(process.execPath, ['--import', './test/property-seed.ts', '--test', ...files], {
  cwd: root,
  env: { ...process.env, TIDEMARK_TEST_POSTGRES: server.url },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
