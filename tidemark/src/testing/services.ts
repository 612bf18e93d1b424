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

/** What `tidemark.yaml` says of a catalog and a store of their own on these servers. */
export async function serviceSettings(
  name: string,
  { postgres, s3 }: Partial<typeof SERVICES>,
): Promise<object> {
  return {
    ...(postgres !== undefined && { catalog: await createDatabase(postgres, name) }),
    ...(s3 !== undefined && {
      store: {
        url: `s3://lake/${name}`,
        endpoint: s3,
        access_key_id: 'tester',
        secret_access_key: '$' + '{env:TIDEMARK_TEST_SECRET}',
      },
    }),
  };
}

/** Writes it for a new project, unless everything is in its home. */
export async function configureServices(root: string): Promise<void> {
  const settings = await serviceSettings(basename(root).toLowerCase(), SERVICES);
  if (Object.keys(settings).length > 0)
    await writeFile(join(root, 'tidemark.yaml'), `${JSON.stringify(settings)}\n`);
}

/** The servers of tests take any; theirs and that of their processes is this. */
process.env.TIDEMARK_TEST_SECRET ??= 'a secret';
