/**
 * The main job twice: in a home, and with its catalog in PostgreSQL and its files in S3. Then has another reader compare:
 *
 *   node production.ts <python> <scratch folder>
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { serviceSettings } from '../../tidemark/src/testing/services.ts';
import { startS3 } from '../../tidemark/src/testing/start-s3.ts';

const [python = '', scratch = ''] = process.argv.slice(2);
if (scratch === '') throw new Error('usage: production.ts <python> <scratch folder>');

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

async function mainJob(root: string, settings: object): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const part of ['data', 'contracts'])
    await cp(join(CHECKOUT, part), join(root, part), { recursive: true });
  // Small enough for a ticket file to become several data files.
  await writeFile(
    join(root, 'tidemark.yaml'),
    JSON.stringify({ ...settings, limits: { partBytesMax: 100_000 } }),
  );
  await using tidemark = await openTidemark({ project: root });
  const { runs, refused, unopened } = await tidemark.run();
  assert.deepEqual([refused, unopened], [[], []]);
  for (const { state, manifestId } of runs) assert.equal(state, 'committed', manifestId);
}

await using postgres = await startPostgres();
await using s3 = await startS3();
const settings = await serviceSettings('production', { postgres: postgres.url, s3: s3.endpoint });
await mainJob(join(scratch, 'home'), {});
await mainJob(join(scratch, 'production'), settings);
const script = fileURLToPath(new URL('production.py', import.meta.url));
const database = `${postgres.url.replace('postgres://', 'postgresql+psycopg2://')}/production`;
execFileSync(
  python,
  [script, join(scratch, 'home/.tidemark'), database, 's3://lake/production', s3.endpoint],
  {
    stdio: 'inherit',
  },
);
