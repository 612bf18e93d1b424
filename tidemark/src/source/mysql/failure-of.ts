import {
  busy,
  locked,
  notHad,
  overdue,
  RelationFailure,
  turnedAway,
  unanswered,
} from '../relation/relation-failure.ts';

/** Numbers of errors, as the manuals of MySQL and MariaDB have them. */
const TURNED_AWAY: ReadonlySet<number> = new Set([
  1045, // access denied for user
  1049, // unknown database
  1130, // this host may not connect
  1251, // an authentication that the client does not have
  1524, // a plugin that is not loaded
  1698, // access denied without a password
  1820, // the password has to be changed
  1862, // the password has expired
  3118, // the account is locked
  3159, // connections have to be secure
  4151, // the account is locked, MariaDB
]);
/** Nothing of the statement: connections, resources, the end of the server or of this session. */
const AWAY: ReadonlySet<number> = new Set([
  1040, // too many connections
  1041, // out of memory
  1053, // shutdown in progress
  1079, // shutdown complete
  1158, // a communication packet could not be read …
  1159,
  1160,
  1161,
  1203, // the user has too many connections
  1226, // the user is beyond a limit of its own
  1927, // the connection was killed, MariaDB
  3169, // the session was killed
  4031, // the client was inactive for too long
]);
const LOCK_WAIT = 1205;
/** The table was altered since the snapshot was taken; a deadlock; the statement was ended by KILL QUERY. */
const AGAIN: ReadonlySet<number> = new Set([1412, 1213, 1317]);
/** max_execution_time of MySQL, max_statement_time of MariaDB. */
const OVERDUE: ReadonlySet<number> = new Set([3024, 1969]);

/** Of the way there: a system's name for it, or the driver's for an end in the middle. */
const BROKEN = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|PROTOCOL_CONNECTION_LOST)/;
const TLS = /SSL|CERT|TLS/;

/** What the driver threw, as what to do; anything else as it is. */
export function failureOf(error: unknown, { place }: { place: string }): unknown {
  if (!(error instanceof Error) || error instanceof RelationFailure) return error;
  const { code = '', errno = 0, message } = error as Error & { code?: string; errno?: number };
  const of = { place, cause: error };
  if (errno === LOCK_WAIT) return locked(message, { seen: 'SHOW PROCESSLIST', cause: error });
  if (AGAIN.has(errno))
    return busy(message, {
      next: 'See who changes the table or ends statements (SHOW PROCESSLIST), then run the same command again.',
      errno: 'EAGAIN',
      cause: error,
    });
  if (OVERDUE.has(errno)) return overdue(error);
  if (TURNED_AWAY.has(errno) || TLS.test(code)) return turnedAway(message, of);
  if (AWAY.has(errno) || BROKEN.test(code) || /^terminated/.test(message))
    return unanswered(message || code, of);
  return errno > 0 ? notHad(message, error) : error;
}
