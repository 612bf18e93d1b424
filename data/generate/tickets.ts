import { arrangeLines, type Insertion } from './arrange-lines.ts';
import { epoch } from './instants.ts';
import type { PlannedFile, PlannedRecord } from './planned-lines.ts';
import {
  anywhere,
  breaches,
  laterVersions,
  openDesk,
  redeliveries,
  type Span,
  strayTicket,
  tellTickets,
  ticketFile,
} from './ticket-desk.ts';
import { accident, BREACH_NAMES } from './ticket-offences.ts';

export const SNAPSHOT_BATCH = 'batch-tickets-2026q1';
export const SNAPSHOT_AT = '2026-04-01T00:00:00Z';
const OPENED: Span = { from: epoch('2026-01-05T06:00:00Z'), to: epoch('2026-03-31T20:00:00Z') };

/** The first quarter as three desks tell it. Later files repeat and continue tickets of earlier ones. */
export function planTicketSnapshot(): readonly PlannedFile[] {
  const main = planMainDesk();
  const partner = planPartnerPortal(main.records);
  return [main.file, partner.file, planEscalationDesk([...main.records, ...partner.records])];
}

function planMainDesk(): { file: PlannedFile; records: readonly PlannedRecord[] } {
  const desk = openDesk('helpdesk-main', {
    batchId: SNAPSHOT_BATCH,
    exportedAt: SNAPSHOT_AT,
    timeStyle: 'seconds_utc',
  });
  const records = tellTickets(desk, { count: 280, firstNumber: 1, opened: OPENED });
  const insertions: Insertion[] = [
    ...laterVersions(desk, {
      of: records.slice(0, 240),
      count: 14,
      statuses: ['pending', 'resolved', 'closed'],
    }),
    ...redeliveries(desk, { of: records.slice(0, 250), count: 6, respelled: 2 }),
    withoutNull(records),
    ...breaches(desk, { names: BREACH_NAMES, firstNumber: 900_001, opened: OPENED }),
    { line: accident('truncated', strayTicket(desk, { number: 900_101, opened: OPENED })) },
    { line: accident('trailing_comma', strayTicket(desk, { number: 900_102, opened: OPENED })) },
    { line: accident('half_emoji', strayTicket(desk, { number: 900_103, opened: OPENED })) },
    { line: { kind: 'blank' } },
  ];
  return {
    records,
    file: ticketFile('helpdesk-main.jsonl', {
      desk,
      lines: arrangeLines(records, { insertions, random: desk.random }),
    }),
  };
}

/** A spreadsheet macro of a partner wrote this one: byte order mark, CRLF, local times, one Latin-1 line. */
function planPartnerPortal(known: readonly PlannedRecord[]) {
  const desk = openDesk('partner-portal', {
    batchId: SNAPSHOT_BATCH,
    exportedAt: SNAPSHOT_AT,
    timeStyle: 'offset',
  });
  const records = tellTickets(desk, { count: 99, firstNumber: 300_001, opened: OPENED });
  const names = [...BREACH_NAMES.slice(0, 5), 'month thirteen', 'tags as one text'];
  const insertions: Insertion[] = [
    ...anywhere(redeliveries(desk, { of: known, count: 5, respelled: 1 })),
    ...anywhere(laterVersions(desk, { of: known, count: 6, statuses: ['pending', 'resolved'] })),
    ...breaches(desk, { names, firstNumber: 900_201, opened: OPENED }),
    { line: accident('duplicate_key', strayTicket(desk, { number: 900_301, opened: OPENED })) },
    { line: accident('latin_1', strayTicket(desk, { number: 900_302, opened: OPENED })) },
    { line: { kind: 'blank' } },
  ];
  const lines = arrangeLines(records, { insertions, random: desk.random });
  const file = ticketFile('partner-portal.jsonl', { desk, lines });
  return { records, file: { ...file, byteOrderMark: true, lineEnd: '\r\n' } satisfies PlannedFile };
}

/** Tickets that went to the second level: mostly later states of tickets known from the other desks. */
function planEscalationDesk(known: readonly PlannedRecord[]): PlannedFile {
  const desk = openDesk('escalation-desk', {
    batchId: SNAPSHOT_BATCH,
    exportedAt: SNAPSHOT_AT,
    timeStyle: 'millis_utc',
  });
  const records = tellTickets(desk, { count: 39, firstNumber: 500_001, opened: OPENED });
  const names = ['a time without a zone', 'an empty text for no time', 'two things at once', 'nanoseconds'];
  const insertions: Insertion[] = [
    ...anywhere(
      laterVersions(desk, { of: known, count: 14, statuses: ['escalated', 'escalated', 'in_progress'] }),
    ),
    ...anywhere(redeliveries(desk, { of: known, count: 3, respelled: 0 })),
    ...breaches(desk, { names, firstNumber: 900_401, opened: OPENED }),
  ];
  const lines = arrangeLines(records, { insertions, random: desk.random });
  return { ...ticketFile('escalation-desk.jsonl', { desk, lines }), endsWithNewline: false };
}

/** Null left out: another JSON value, so a version of its own although nothing happened to the ticket. */
function withoutNull(records: readonly PlannedRecord[]): Insertion {
  const follows = records.find(({ ticket }) => ticket.resolved_at === null && ticket.status === 'pending');
  if (follows === undefined) throw new Error('no pending ticket');
  const { resolved_at: _, ...rest } = follows.ticket;
  const ticket = rest as PlannedRecord['ticket'];
  return { follows, line: { ...follows, ticket, content: `${follows.content}, without resolved_at` } };
}
