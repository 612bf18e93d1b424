import { type SafeBound, transactionStart } from './safe-bound.ts';
import { connect } from './session.ts';

/** As long as a person waits for a look. */
const LOOK_MS = 30_000;

export interface ServerSeen {
  readonly version: string;
  /** Why it cannot be seen there which transactions are open; null where it can. */
  readonly unseen: Extract<SafeBound, { kind: 'unknown' }> | null;
}

/** Looks, and changes nothing. @throws RelationFailure */
export async function examineServer(url: string): Promise<ServerSeen> {
  await using session = await connect({ url, signal: AbortSignal.timeout(LOOK_MS) });
  const [[version] = []] = await session.rows('SHOW server_version');
  const bound = await transactionStart(session);
  // Some builds tell more after it.
  return { version: String(version).split(' ', 1)[0] ?? '', unseen: bound.kind === 'unknown' ? bound : null };
}
