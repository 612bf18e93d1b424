import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createDatabase } from './postgres-server.ts';

/**
 * Servers that tests of whole flows run on where they are named (`npm run test:postgres`, `npm run test:production`): every
 * project then has a database and a prefix of a bucket of its own there. Else its catalog is a file and its store the home.
 */
export const SERVICES = {
  postgres: process.env.TIDEMARK_TEST_POSTGRES,
  /** The endpoint of an S3 whose bucket and keys are those of `s3Server`. */
  s3: process.env.TIDEMARK_TEST_S3,
};

/** For what harms or looks at durable files as files. */
export const FILES_ARE_IN_THE_HOME = SERVICES.s3 === undefined;

/** Says in a new project's `tidemark.yaml` where its catalog and its store are, unless that is the default. */
export async function configureServices(root: string): Promise<void> {
  const name = basename(root).toLowerCase();
  const settings = {
    ...(SERVICES.postgres !== undefined && { catalog: await createDatabase(SERVICES.postgres, name) }),
    ...(SERVICES.s3 !== undefined && {
      store: {
        url: `s3://lake/${name}`,
        endpoint: SERVICES.s3,
        access_key_id: 'tester',
        secret_access_key: '$' + '{file:secret.txt}',
      },
    }),
  };
  if (Object.keys(settings).length === 0) return;
  await writeFile(join(root, 'tidemark.yaml'), `${JSON.stringify(settings)}\n`);
  if (SERVICES.s3 !== undefined) await writeFile(join(root, 'secret.txt'), 'a secret\n');
}
