import { arrangeLines, type Insertion } from './arrange-lines.ts';
import { epoch } from './instants.ts';
import { firstVersion, type PlannedFile, type PlannedRecord } from './planned-lines.ts';
import {
  anywhere,
  lastChange,
  laterVersions,
  openDesk,
  redeliveries,
  type Span,
  tellTickets,
  ticketFile,
} from './ticket-desk.ts';
import { breach } from './ticket-offences.ts';
import type { Ticket, TicketDesk } from './ticket-story.ts';

export const PRACTICE_BATCH = 'batch-tickets-2026w14-practice';
/** Two days before the snapshot was taken, so that nothing falls between the two; the overlap comes twice. */
export const CURSOR_START = '2026-03-30T00:00:00Z';
const EXPORTED_AT = '2026-04-08T00:00:00Z';
const OPENED: Span = { from: epoch('2026-04-01T06:00:00Z'), to: epoch('2026-04-07T18:00:00Z') };

/** A week of changes as five desks export it, in the order of the practice manifest; the last two will be held. */
export function planPracticeTickets(snapshot: readonly PlannedFile[]): readonly PlannedFile[] {
  return [
    planMainDelta(lastToldIn(snapshot)),
    planQuietDesk('partner-portal-delta', { count: 23, firstNumber: 710_001, names: ['no customer'] }),
    planQuietDesk('escalation-desk-delta', { count: 18, firstNumber: 720_001, names: [] }),
    planVoiceDesk(),
    planQuietDesk('acquired-desk', { count: 10, firstNumber: 740_001, names: [] }),
  ];
}

function planMainDelta(known: readonly PlannedRecord[]): PlannedFile {
  const desk = practiceDesk('helpdesk-main-delta');
  const start = epoch(CURSOR_START);
  const overlap = known.filter(({ ticket }) => ticket.updated_at !== null && lastChange(ticket) >= start);
  const older = known.filter(
    ({ ticket }) => ticket.updated_at !== null && lastChange(ticket) < start - 86_400,
  );
  const records = changedTickets(desk, { count: 36, firstNumber: 700_001 });
  const insertions: Insertion[] = [
    ...anywhere(
      laterVersions(desk, {
        of: openAtSnapshot(known),
        count: 10,
        statuses: ['in_progress', 'resolved'],
        since: start,
      }),
    ),
    ...anywhere(redeliveries(desk, { of: overlap, count: 5, respelled: 1 })),
    ...redeliveries(desk, { of: records.slice(0, 30), count: 1, respelled: 0 }),
    ...anywhere(redeliveries(desk, { of: older, count: 2, respelled: 0 })).map(beforeWindow),
    ...atTheEdge(desk),
    ...changedBreaches(desk, {
      names: ['a priority in other words', 'tags as one text'],
      firstNumber: 709_001,
    }),
  ];
  return practiceFile(desk, arrangeLines(records, { insertions, random: desk.random }));
}

/** The window is half-open and its start closed; instants count, not their spelling. */
function atTheEdge(desk: TicketDesk): Insertion[] {
  const edges = [
    { updated_at: CURSOR_START, before: false },
    { updated_at: '2026-03-29T22:30:00-05:00', before: false },
    { updated_at: '2026-03-30T01:30:00+02:00', before: true },
    { updated_at: '2026-03-29T23:59:59.999Z', before: true },
  ];
  const opened = { from: epoch('2026-03-20T06:00:00Z'), to: epoch('2026-03-28T18:00:00Z') };
  const tickets = tellTickets(desk, { count: edges.length, firstNumber: 705_001, opened });
  return edges.map(({ updated_at, before }, index): Insertion => {
    const told = (tickets[index] as PlannedRecord).ticket;
    const ticket: Ticket = { ...told, status: 'pending', updated_at, resolved_at: null };
    return { line: { ...firstVersion(ticket), beforeWindow: before } };
  });
}

function planQuietDesk(
  name: string,
  { names, ...tickets }: { count: number; firstNumber: number; names: readonly string[] },
): PlannedFile {
  const desk = practiceDesk(name);
  const insertions = changedBreaches(desk, { names, firstNumber: tickets.firstNumber + 500 });
  return practiceFile(desk, arrangeLines(changedTickets(desk, tickets), { insertions, random: desk.random }));
}

/** Typed down from calls, names and numbers left in: the reason why its scan says `suspected`. */
function planVoiceDesk(): PlannedFile {
  const desk = practiceDesk('voice-desk');
  const callers = ['Robin Example', 'Sam Sample', 'Kim Muster', 'Alex Placeholder'];
  const lines = changedTickets(desk, { count: 12, firstNumber: 730_001 }).map(({ ticket }, index) => {
    const caller = `${desk.random.pick(callers)}, 555-01${String(10 + index)}`;
    const description = `Caller: ${caller}. ${ticket.description ?? ''}`;
    return firstVersion({ ...ticket, description, pii_level: 'high', pii_redacted: false });
  });
  return practiceFile(desk, lines);
}

/** The cursor reads by `updated_at`, so every ticket of the practice has one. */
function changedTickets(desk: TicketDesk, wanted: { count: number; firstNumber: number }): PlannedRecord[] {
  return tellTickets(desk, { ...wanted, opened: OPENED }).map(({ ticket }) =>
    firstVersion({ ...ticket, updated_at: ticket.updated_at ?? ticket.created_at }),
  );
}

function changedBreaches(
  desk: TicketDesk,
  wanted: { names: readonly string[]; firstNumber: number },
): Insertion[] {
  const { names, firstNumber } = wanted;
  return changedTickets(desk, { count: names.length, firstNumber }).map(({ ticket }, index) => ({
    line: breach(names[index] as string, ticket),
  }));
}

function practiceDesk(name: string): TicketDesk {
  return openDesk(name, { batchId: PRACTICE_BATCH, exportedAt: EXPORTED_AT, timeStyle: 'seconds_utc' });
}

function practiceFile(desk: TicketDesk, lines: PlannedFile['lines']): PlannedFile {
  return ticketFile(`${desk.sourceId}.jsonl`, { desk, lines, folder: 'practice' });
}

function beforeWindow(insertion: Insertion): Insertion {
  return insertion.line.kind === 'record' ? { line: { ...insertion.line, beforeWindow: true } } : insertion;
}

/** One record per ticket: its latest state in the snapshot. */
function lastToldIn(files: readonly PlannedFile[]): PlannedRecord[] {
  const latest = new Map<string, PlannedRecord>();
  for (const line of files.flatMap((file) => file.lines)) {
    if (line.kind !== 'record') continue;
    const known = latest.get(line.ticket.ticket_id);
    if (known === undefined || lastChange(line.ticket) >= lastChange(known.ticket)) {
      latest.set(line.ticket.ticket_id, line);
    }
  }
  return [...latest.values()];
}

function openAtSnapshot(known: readonly PlannedRecord[]): PlannedRecord[] {
  return known.filter(({ ticket }) => ticket.status !== 'closed' && ticket.status !== 'resolved');
}
