import type { Dialect } from './dialect.ts';
import type { UnknownBound } from './safe-bound.ts';

/** As long as a person waits for a look. */
const LOOK_MS = 30_000;

export interface ServerSeen {
  /** Product and version. */
  readonly version: string;
  /** Why it cannot be seen there which transactions are open; null where it can. */
  readonly unseen: UnknownBound | null;
}

/** Looks, and changes nothing. @throws RelationFailure */
export async function examineServer(dialect: Dialect, url: string): Promise<ServerSeen> {
  await using session = await dialect.connect({ url, signal: AbortSignal.timeout(LOOK_MS) });
  const version = await dialect.versionOf(session);
  const bound = await dialect.transactionStart(session);
  return { version, unseen: bound.kind === 'unknown' ? bound : null };
}
