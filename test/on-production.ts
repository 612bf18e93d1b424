// Runs the main job and the tests of recovery, crashes and races again as production has it: every project's catalog in PostgreSQL,
// its durable files in S3, both servers in processes of their own. Words name other test files to run so.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../tidemark/src/testing/postgres-server.ts';
import { startS3 } from '../tidemark/src/testing/start-s3.ts';

const FILES = [
  'test/flows/main-job.test.ts',
  'test/flows/recovery.test.ts',
  'test/faults/concurrency.test.ts',
  'test/faults/crash.test.ts',
  'test/faults/lost-before-proof.test.ts',
  'test/faults/maintain.test.ts',
  'test/faults/prepared-units.test.ts',
];

const named = process.argv.slice(2);
await using postgres = await startPostgres();
await using s3 = await startS3();
const { status } = spawnSync(
  process.execPath,
  ['--import', './test/property-seed.ts', '--test', ...(named.length > 0 ? named : FILES)],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, TIDEMARK_TEST_POSTGRES: postgres.url, TIDEMARK_TEST_S3: s3.endpoint },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
