import { statSync } from 'node:fs';
import { fileUri } from '../bronze/iceberg/file-uri.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';

/**
 * Tables name their files by URI, and readers cut a URI at `#` and `?`.
 * @throws ConfigurationError home_refused
 */
export function usableHome(dir: string): string {
  const isFile = statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false;
  if (fileUri(dir) !== null && !isFile) return dir;
  const why = isFile ? 'it is not a folder' : 'readers of Iceberg tables cut a path at # and ?';
  throw new ConfigurationError({
    code: ERROR_CODES.home_refused,
    message: `The home folder ${dir} cannot hold tables: ${why}.`,
    next: 'Name another folder with --home, or with `home:` in tidemark.yaml.',
  });
}
