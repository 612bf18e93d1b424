import type { PlannedLine, PlantedRule } from './planned-lines.ts';
import type { Ticket } from './ticket-story.ts';

type Offence = Extract<PlannedLine, { kind: 'offence' }>;

/** Records that break the contract, each in a way that help desks really do; rules in the order of their pointers. */
const BREACHES: Readonly<Record<string, (ticket: Ticket) => { change: object; rules: PlantedRule[] }>> = {
  'a status of the old help desk': () => ({
    change: { status: 'reopened' },
    rules: [{ rule: 'enum', pointer: '/status' }],
  }),
  'a priority in other words': () => ({
    change: { priority: 'urgent' },
    rules: [{ rule: 'enum', pointer: '/priority' }],
  }),
  'a product as people write it': () => ({
    change: { product_line: 'Northstar Workspace' },
    rules: [{ rule: 'enum', pointer: '/product_line' }],
  }),
  'no customer': () => ({
    change: { customer_id: undefined },
    rules: [{ rule: 'required', pointer: '/customer_id' }],
  }),
  'neither owner nor quality gate': () => ({
    change: { owner: undefined, quality_gate: undefined },
    rules: [
      { rule: 'required', pointer: '/owner' },
      { rule: 'required', pointer: '/quality_gate' },
    ],
  }),
  'a time without a zone': (ticket) => ({
    change: { created_at: ticket.created_at.slice(0, 19) },
    rules: [{ rule: 'format', pointer: '/created_at' }],
  }),
  'month thirteen': () => ({
    change: { updated_at: '2026-13-02T08:00:00Z' },
    rules: [{ rule: 'format', pointer: '/updated_at' }],
  }),
  'an empty text for no time': () => ({
    change: { resolved_at: '' },
    rules: [{ rule: 'format', pointer: '/resolved_at' }],
  }),
  'a short ticket number': (ticket) => ({
    change: { ticket_id: `${ticket.ticket_id.slice(0, 13)}${ticket.ticket_id.slice(-4)}` },
    rules: [{ rule: 'pattern', pointer: '/ticket_id' }],
  }),
  'a survey score nobody agreed on': () => ({
    change: { satisfaction_score: 4 },
    rules: [{ rule: 'additionalProperties', pointer: '/satisfaction_score' }],
  }),
  'a whole mail as the subject': (ticket) => ({
    change: { subject: `${ticket.subject} — Re: `.repeat(40) },
    rules: [{ rule: 'maxLength', pointer: '/subject' }],
  }),
  'tags as one text': () => ({
    change: { tags: 'sso,login' },
    rules: [{ rule: 'type', pointer: '/tags' }],
  }),
  'two things at once': () => ({
    change: { sla_tier: 'gold', pii_redacted: 'no' },
    rules: [
      { rule: 'type', pointer: '/pii_redacted' },
      { rule: 'enum', pointer: '/sla_tier' },
    ],
  }),
  'a record of the next contract version': () => ({
    change: { schema_version: 'ticket_v2' },
    rules: [{ rule: 'const', pointer: '/schema_version' }],
  }),
  // Legal in the contract, but no column of microseconds can hold it.
  nanoseconds: (ticket) => ({
    change: { created_at: `${ticket.created_at.slice(0, 19)}.123456789Z` },
    rules: [{ rule: 'unrepresentable', pointer: '/created_at' }],
  }),
};

export const BREACH_NAMES = Object.keys(BREACHES);

export function breach(name: string, ticket: Ticket): Offence {
  const planted = BREACHES[name]?.(ticket);
  if (planted === undefined) throw new Error(`no breach is called ${name}`);
  const bytes = Buffer.from(JSON.stringify({ ...ticket, ...planted.change }));
  return { kind: 'offence', as: 'invalid', bytes, rules: planted.rules };
}

/** Lines from which no record can be read. */
const ACCIDENTS = {
  /** The exporter died in the middle of a line. */
  truncated: (text: string) => malformed('malformed_json', text.slice(0, Math.floor(text.length * 0.6))),
  trailing_comma: (text: string) => malformed('malformed_json', `${text.slice(0, -1)},}`),
  /** A status appended by a script that did not look whether there was one. */
  duplicate_key: (text: string) => malformed('duplicate_key', `${text.slice(0, -1)},"status":"closed"}`),
  /** A subject cut after a number of UTF-16 units: half an emoji is left. */
  half_emoji: (text: string) =>
    malformed('invalid_unicode', text.replace('"subject":"', '"subject":"\\ud83d ')),
  /** One line pasted from a Latin-1 file. */
  latin_1: (text: string) => ({
    ...malformed('invalid_utf8', ''),
    bytes: Buffer.from(
      text.replace('"subject":"', '"subject":"Zürich: ').replace(/[^\x20-\xff]/g, '?'),
      'latin1',
    ),
  }),
} satisfies Record<string, (text: string) => Offence>;

export function accident(name: keyof typeof ACCIDENTS, ticket: Ticket): Offence {
  return ACCIDENTS[name](JSON.stringify(ticket));
}

function malformed(rule: string, text: string): Offence {
  return { kind: 'offence', as: 'malformed', bytes: Buffer.from(text), rules: [{ rule }] };
}
