import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../tidemark/src/testing/postgres-server.ts';
import { startS3 } from '../tidemark/src/testing/start-s3.ts';

/**
 * Runs Node with every project's catalog in PostgreSQL and its durable files in S3, both servers in processes of their own.
 * Gives its exit code.
 */
export async function runWithServices(words: readonly string[]): Promise<number> {
  await using postgres = await startPostgres();
  await using s3 = await startS3();
  const { status } = spawnSync(process.execPath, words, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, TIDEMARK_TEST_POSTGRES: postgres.url, TIDEMARK_TEST_S3: s3.endpoint },
    stdio: 'inherit',
  });
  return status ?? 1;
}
