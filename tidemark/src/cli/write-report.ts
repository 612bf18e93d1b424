import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';

/**
 * Where a report can be written, found out before the work and not after it.
 * @throws ConfigurationError report_unwritable
 */
export async function reportPath(path: string): Promise<string> {
  const place = resolve(path);
  try {
    await mkdir(dirname(place), { recursive: true });
    const found = await stat(place).catch(() => null);
    if (found?.isDirectory()) throw new Error('it is a folder');
  } catch (error) {
    throw unwritable(path, error as Error);
  }
  return place;
}

/** @throws ConfigurationError report_unwritable */
export async function writeReport(place: string, report: object): Promise<void> {
  try {
    await writeFile(place, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw unwritable(place, error as Error);
  }
}

function unwritable(path: string, cause: Error): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.report_unwritable,
    message: `The report ${path} cannot be written: ${cause.message}.`,
    next: 'Name another file, or mend the folder; then run the same command again.',
    facts: { path },
    cause,
  });
}
