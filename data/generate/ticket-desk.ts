import { type Insertion, pickSeveral } from './arrange-lines.ts';
import { HELP_ARTICLE_IDS } from './help-articles.ts';
import { epoch } from './instants.ts';
import { firstVersion, type PlannedFile, type PlannedRecord, redelivered } from './planned-lines.ts';
import { seededRandom } from './prng.ts';
import { breach } from './ticket-offences.ts';
import { laterVersion, type Ticket, type TicketDesk, tellTicket } from './ticket-story.ts';
import { customers } from './world.ts';

/** A span of seconds since 1970, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A desk that exports tickets; `exportedAt` as ISO text. */
export function openDesk(
  name: string,
  how: Pick<TicketDesk, 'timeStyle'> & { batchId: string; exportedAt: string },
): TicketDesk {
  return {
    random: seededRandom(`tickets of ${name}`),
    customers: customers(seededRandom('customers')),
    sourceId: name,
    batchId: how.batchId,
    timeStyle: how.timeStyle,
    exportedAt: epoch(how.exportedAt),
    documentIds: HELP_ARTICLE_IDS,
  };
}

/** New tickets in the order in which they were opened, numbered from `firstNumber`. */
export function tellTickets(
  desk: TicketDesk,
  wanted: { count: number; firstNumber: number; opened: Span },
): PlannedRecord[] {
  const opened = Array.from({ length: wanted.count }, () =>
    desk.random.integer(wanted.opened.from, wanted.opened.to),
  );
  opened.sort((a, b) => a - b);
  return opened.map((openedAt, index) =>
    firstVersion(tellTicket(desk, { openedAt, number: wanted.firstNumber + index })),
  );
}

/** Later states of `count` of these tickets, as this desk saw them, none before `since` (seconds since 1970). */
export function laterVersions(
  desk: TicketDesk,
  wanted: { of: readonly PlannedRecord[]; count: number; statuses: readonly string[]; since?: number },
): { line: PlannedRecord; follows: PlannedRecord }[] {
  const alive = wanted.of.filter(({ ticket }) => lastChange(ticket) < desk.exportedAt - 6 * 3600);
  return pickSeveral(desk.random, { from: alive, count: wanted.count }).map((follows) => {
    const at = desk.random.integer(
      Math.max(lastChange(follows.ticket) + 600, wanted.since ?? 0),
      desk.exportedAt - 600,
    );
    const status = desk.random.pick(wanted.statuses);
    const content = `${follows.content}, then ${status} at ${at} by ${desk.sourceId}`;
    return {
      line: { ...follows, ticket: laterVersion(desk, follows.ticket, { at, status }), content },
      follows,
    };
  });
}

/** Seconds since 1970. */
export function lastChange(ticket: PlannedRecord['ticket']): number {
  return epoch(typeof ticket.updated_at === 'string' ? ticket.updated_at : ticket.created_at);
}

export function redeliveries(
  desk: TicketDesk,
  wanted: { of: readonly PlannedRecord[]; count: number; respelled: number },
): { line: PlannedRecord; follows: PlannedRecord }[] {
  const { sourceId, batchId } = desk;
  return pickSeveral(desk.random, { from: wanted.of, count: wanted.count }).map((follows, index) => {
    const spelling = index < wanted.respelled ? 'respelled' : 'plain';
    return { line: redelivered(follows, { sourceId, batchId, spelling }), follows };
  });
}

/** Breaches by name, each made from a fresh ticket that exists nowhere else. */
export function breaches(
  desk: TicketDesk,
  wanted: { names: readonly string[]; firstNumber: number; opened: Span },
): Insertion[] {
  return wanted.names.map((name, index) => ({
    line: breach(name, strayTicket(desk, { number: wanted.firstNumber + index, opened: wanted.opened })),
  }));
}

/** A ticket that no other line knows, told in English: cut or re-encoded, it still is what it is meant to be. */
export function strayTicket(desk: TicketDesk, { number, opened }: { number: number; opened: Span }): Ticket {
  const english = { ...desk, customers: desk.customers.filter(({ language }) => language === 'en') };
  return tellTicket(english, { openedAt: desk.random.integer(opened.from, opened.to), number });
}

export function anywhere(insertions: readonly Insertion[]): Insertion[] {
  return insertions.map(({ line }) => ({ line }));
}

export function ticketFile(
  name: string,
  { desk, lines, folder = 'tickets' }: { desk: TicketDesk; lines: PlannedFile['lines']; folder?: string },
): PlannedFile {
  return {
    path: `data/seeds/${folder}/${name}`,
    sourceId: desk.sourceId,
    byteOrderMark: false,
    lineEnd: '\n',
    endsWithNewline: true,
    lines,
  };
}
