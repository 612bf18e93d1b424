import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { RelationFailure } from '../relation/relation-failure.ts';
import { type SafeBound, unknownBound } from '../relation/safe-bound.ts';
import type { Session } from './session.ts';

/** Columns without fractions cut them off, and the server tells ages in whole seconds. */
const UNSEEN_S = 2;
/**
 * A statement has its time before the transaction that it begins: it may wait for the definition of a table, or compute
 * before it touches one. While it runs it is seen; of one that has ended in a transaction that stays open only the
 * transaction is, so it is taken for so much older.
 */
const BEGINNING_S = 60;
/** An account that may not see what others do. */
const DENIED = 1227;
const WORKING: ReadonlySet<string | null> = new Set(['Query', 'Execute']);
/**
 * The server makes its list of open transactions anew when nobody has read it for a tenth of a second; until then all get
 * the same, however old it is.
 */
const UNREAD_MS = 110;
/** With growing waits, about six seconds. */
const LIST_ATTEMPTS = 8;

/**
 * The time below which no statement still runs and no transaction is open that could write a value of the server's clock,
 * which is that of the beginning of a statement. To be asked before the snapshot is taken.
 */
export async function transactionStart({ rows }: Session): Promise<SafeBound> {
  const [[user, readOnly] = []] = await rows('SELECT current_user(), @@GLOBAL.read_only');
  if (readOnly !== '0' && readOnly !== 'OFF') return elsewhere('is read-only, as replicas are');
  // The beginnings of transactions are told in the zone of the server's system.
  await rows("SET time_zone = 'SYSTEM'");
  const [[now, day, self] = []] = await rows(
    'SELECT unix_timestamp(), unix_timestamp() - unix_timestamp(now() - INTERVAL 1 DAY), connection_id()',
  );
  if (day !== '86400')
    return unknownBound(
      'the clock of the server’s system was moved for summer or winter within a day, so that its times are ambiguous',
      'Have the system of the server in UTC, or declare cursor_clock: application.',
      { passes: true },
    );
  try {
    // First the statements: what one of them begins meanwhile is among the transactions, or has ended.
    const processes = await rows('SHOW PROCESSLIST');
    const open = await openTransactions({ rows });
    if (open === null)
      return unknownBound(
        'its list of open transactions is read by others so often that the server does not make it anew',
        'Have information_schema.INNODB_TRX read once a second at most, or declare cursor_clock: application.',
        { passes: true },
      );
    const others = (list: readonly Cells[]) => list.filter(([id]) => id !== self);
    return boundBelow({ now: Number(now), processes: others(processes), open: others(open) });
  } catch (error) {
    if (!(error instanceof RelationFailure) || (error.cause as { errno?: number })?.errno !== DENIED)
      throw error;
    return unknownBound(
      `account ${user} may not see when the transactions of others began`,
      `GRANT PROCESS ON *.* TO ${account(user ?? '')}; or declare cursor_clock: application.`,
    );
  }
}

/**
 * Thread, beginning in seconds since 1970, and as the server writes it, the oldest first; null where only an old list is to
 * be had. A list that shows the very statement that asks for it, in a transaction of its own, was made while it ran.
 */
async function openTransactions({ rows }: Pick<Session, 'rows'>): Promise<Cells[] | null> {
  await rows('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await rows('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  try {
    for (let attempt = 0; attempt < LIST_ATTEMPTS; attempt += 1) {
      // Several that wait for their turn must not keep it from each other for ever.
      if (attempt > 0) await setTimeout(UNREAD_MS * (1 + Math.random()) * 1.5 ** (attempt - 1));
      const mark = randomUUID();
      const open = await rows(
        `SELECT trx_mysql_thread_id, unix_timestamp(trx_started), trx_started, trx_query, '${mark}'
         FROM information_schema.INNODB_TRX ORDER BY trx_started`,
      );
      if (open.some(([, , , statement]) => statement?.includes(mark))) return open;
    }
    return null;
  } finally {
    await rows('ROLLBACK');
  }
}

type Cells = readonly (string | null)[];

/**
 * Pure. `processes`: of others, as SHOW PROCESSLIST has them: id, user, host, database, command, seconds. `open`: what
 * `openTransactions` gives.
 */
export function boundBelow({
  now,
  processes,
  open,
}: {
  now: number;
  processes: readonly Cells[];
  open: readonly Cells[];
}): SafeBound {
  if (processes.some(([, user, , , command]) => user === 'system user' && command !== 'Daemon'))
    return elsewhere('writes what another one has written');
  if (open.some(([thread]) => thread === '0'))
    return unknownBound(
      'a transaction is prepared (XA), or is being undone, and when it began is nowhere written',
      'XA COMMIT or XA ROLLBACK it (XA RECOVER lists them), then run the same command again.',
      { passes: true },
    );
  const who = (thread: string | null | undefined) => {
    const [, user, host] = processes.find(([id]) => id === thread) ?? [];
    return `thread ${thread}${user == null ? '' : ` of ${user}@${host}`}`;
  };
  const holding = [
    ...open.slice(0, 1).map(([thread, began, written]) => ({
      at: Number(began) - BEGINNING_S,
      because: `a transaction is open since ${written} (${who(thread)}), and taken for a minute older`,
    })),
    ...processes
      .filter(([, , , , command]) => WORKING.has(command ?? null))
      .map(([id, , , , , seconds]) => ({
        at: now - Number(seconds),
        because: `a statement is running for ${seconds} s (${who(id)})`,
      })),
    { at: now, because: 'less than two seconds old, or of the future' },
  ];
  const { at, because } = holding.reduce((oldest, one) => (one.at < oldest.at ? one : oldest));
  return { kind: 'bound', at: `TIMESTAMP'${instant(at - UNSEEN_S)}'`, because };
}

function elsewhere(why: string): SafeBound {
  return unknownBound(
    `this server ${why}, and nobody sees here which transactions are open on its source`,
    'Read from the server that is written to, or declare cursor_clock: application.',
  );
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function account(user: string): string {
  return user
    .split('@')
    .map((part) => `'${part}'`)
    .join('@');
}
