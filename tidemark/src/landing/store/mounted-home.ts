import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Limits } from '../../model/limits.ts';
import { type S3Location, s3Uri } from '../../model/s3-location.ts';
import { type Home, homeAt } from '../home.ts';
import { mountStore } from './mount.ts';

/**
 * The home of a project. Where a store is configured it is mounted, and the home keeps what is of this machine alone: the
 * catalog's file, what is being landed and refined, and copies of what the store has. Whoever is done unmounts `storeDir`.
 */
export function mountedHome({
  dir,
  store,
  limits,
}: {
  dir: string;
  store: S3Location | null;
  limits: Limits;
}): Home {
  if (store === null) return homeAt(dir);
  const location = s3Uri(store);
  // Copies of another store under the same keys would be believed.
  const place = hash('sha256', JSON.stringify([location, store.endpoint])).slice(0, 12);
  const storeDir = join(dir, 'copies', place);
  mountStore({
    dir: storeDir,
    location,
    // Loaded by whoever first asks: most verbs that only tell never do.
    open: async () => {
      const { S3_BOUNDS, s3Store } = await import('./s3-store.ts');
      return s3Store(store, { ...S3_BOUNDS, attemptsMax: limits.storeAttemptsMax });
    },
    copyBytesMax: limits.storeCopiesBytesMax,
  });
  return homeAt(dir, storeDir);
}
