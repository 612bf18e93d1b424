import { ERROR_CODES } from '../../errors/codes.ts';
import { RelationFailure } from '../relation/relation-failure.ts';
import { type Bound, type SafeBound, unknownBound } from '../relation/safe-bound.ts';
import type { Session } from './session.ts';

/**
 * A transaction has its time before the others can see that it is there: microseconds, more on a machine that is short of
 * time.
 */
const UNSEEN_MS = 1_000;

/**
 * The time below which every transaction has ended that could still write a value of its own time, which is never before its
 * beginning. To be asked before the snapshot is taken: a transaction that the snapshot does not see was open then, or began
 * later. Open ones count whether or not they have written yet, prepared ones have no known beginning.
 */
export async function transactionStart({ rows }: Session): Promise<SafeBound> {
  const [[recovering, mayRead, user] = []] = await rows(
    `SELECT pg_is_in_recovery(), pg_has_role('pg_read_all_stats', 'USAGE'), quote_ident(current_user)`,
  );
  if (recovering === 't')
    return unknownBound(
      'this server is a standby, and nobody sees here which transactions are open on its primary',
      'Read from the primary, or by a column of type xid8, or declare cursor_clock: application.',
    );
  if (mayRead !== 't')
    return unknownBound(
      `role ${user} may not see when the transactions of others began`,
      `GRANT pg_read_all_stats TO ${user}; or declare cursor_clock: application.`,
    );
  const [prepared] = await rows(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1',
  );
  if (prepared !== undefined)
    return unknownBound(
      `transaction ${prepared[0]} is prepared, and when it began is nowhere written`,
      'COMMIT PREPARED or ROLLBACK PREPARED it, then run the same command again.',
      { passes: true },
    );
  const [[at, oldest, since] = []] = await rows(
    // now() is before the others are looked at, one by one.
    `SELECT ${utc(`least(xact_start, now() - interval '${UNSEEN_MS} ms')`)}, oldest, ${utc('xact_start')} FROM (SELECT 1) AS one
     LEFT JOIN (
       SELECT xact_start, concat_ws(' ', 'pid', pid, 'of', usename, nullif(application_name, '')) AS oldest
       FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
         AND backend_type NOT LIKE 'autovacuum%'
       ORDER BY xact_start LIMIT 1
     ) AS open ON true`,
  );
  const because =
    oldest == null
      ? 'less than a second old, or of the future'
      : `a transaction is open since ${since} (${oldest})`;
  return { kind: 'bound', at: `'${at}'::timestamptz`, because };
}

/** Whatever the session's zone and style of dates are. */
function utc(instant: string): string {
  return `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`;
}

/**
 * The id below which every transaction has ended, of the very snapshot that is read. A cursor that this server has not come
 * to yet was reached on another one: ids began anew, and rows would be passed over.
 */
export async function transactionId(
  { rows }: Session,
  { startAt, type }: { startAt: bigint | null; type: string },
): Promise<Bound> {
  const [[xmin, xmax] = []] = await rows(
    `SELECT pg_snapshot_xmin(at), pg_snapshot_xmax(at) FROM pg_current_snapshot() AS at`,
  );
  if (startAt !== null && startAt > BigInt(xmax ?? 0))
    throw new RelationFailure(
      `reading is to begin at transaction ${startAt}, and this server has only come to ${xmax}: it is another one than before, or was restored`,
      {
        code: ERROR_CODES.relation_unreadable,
        next: 'Move the cursor back by `tidemark state set`, or have the whole range read: tidemark rerun',
      },
    );
  return {
    kind: 'bound',
    at: `'${BigInt(xmin ?? 0) - 1n}'::${type}`,
    because: `transaction ${xmin} is open`,
  };
}
