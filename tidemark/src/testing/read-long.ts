import { join } from 'node:path';
import type { FailedAttempt } from '../landing/read-patiently.ts';
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts';
import { readRelation } from '../run/read-relation.ts';
import type { RelationLocation } from '../source/relation/relation-location.ts';
import { tempFolder } from './temp-folder.ts';

/** Enough attempts for a server that has to come back first. */
export const PATIENT: Limits = { ...DEFAULT_LIMITS, sourceAttemptsMax: 10, retryDelayMs: 50 };

export interface LongReading {
  readonly location: RelationLocation;
  readonly url: string;
  readonly queries?: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
  /** Called once, when the first piece has come. */
  atFirst?(): void;
  onFailed?(failed: FailedAttempt): void;
}

/** Reads a relation whole, for tests that do something meanwhile. */
export async function readLong({
  location,
  url,
  queries = {},
  limits = PATIENT,
  signal = new AbortController().signal,
  atFirst,
  onFailed,
}: LongReading) {
  await using folder = await tempFolder();
  const failed: FailedAttempt[] = [];
  let begun = false;
  const result = await readRelation(
    { limits, root: folder.path, connections: { [location.connection]: { url, queries } } },
    {
      location,
      wanted: null,
      copyTo: join(folder.path, 'rows.jsonl'),
      signal,
      onBytes: () => {
        if (!begun) atFirst?.();
        begun = true;
      },
      onFailedAttempt: (attempt) => {
        failed.push(attempt);
        onFailed?.(attempt);
      },
    },
  );
  return { result, failed };
}
