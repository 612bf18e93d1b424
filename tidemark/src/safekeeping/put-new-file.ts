import { link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { makeFolder, storeError, syncFile } from '../landing/durable-files.ts';
import { withDatabase } from './put-in-place.ts';

/**
 * Copies a catalog into a new file, as it is at one moment and whatever is committed meanwhile. The name appears when the
 * copy is whole, durable and found to be good. Nothing is ever overwritten: the name is linked, not moved to.
 * @throws ConfigurationError backup_refused
 */
export async function putNewFile({
  from,
  to,
  inspect = async () => undefined,
}: {
  from: string;
  to: string;
  /** Looks at the copy before it gets its name; throws where it is not good. */
  inspect?: (copy: string) => Promise<void>;
}): Promise<void> {
  const copy = `${to}.${process.pid}.part`;
  try {
    await makeFolder(dirname(to));
    withDatabase(from, (database) => database.prepare('VACUUM INTO ?').run(copy), { readOnly: true });
    await syncFile(copy);
    await inspect(copy);
    await link(copy, to);
    await syncFile(to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storeError(error, to);
    throw new ConfigurationError({
      code: ERROR_CODES.backup_refused,
      message: `${to} exists, and nothing is written over it.`,
      next: 'Name a file that does not exist.',
    });
  } finally {
    await rm(copy, { force: true });
  }
}
