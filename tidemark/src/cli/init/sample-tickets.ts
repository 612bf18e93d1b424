/** What differs between the sample's tickets. */
interface SampleTicket {
  readonly number: number;
  readonly day: string;
  readonly subject: string;
  readonly status: string;
  readonly priority: string;
  readonly category: string;
}

export const SAMPLE_SOURCE_ID = 'helpdesk-export-sample';
export const SAMPLE_BATCH_ID = 'batch-tickets-sample';

const TICKETS = [
  '2026-03-02 resolved p2_high authentication Sign-in loops after the certificate was renewed',
  '2026-03-02 in_progress p1_critical connectivity The gateway drops its tunnel every four hours',
  '2026-03-03 closed p4_low billing The invoice shows the address of last year',
  '2026-03-03 open p3_medium bug_report The export to CSV leaves out archived projects',
  '2026-03-04 pending p3_medium documentation How do I move a workspace to another region?',
  '2026-03-05 escalated p2_high performance Searching takes a minute since the update',
  '2026-03-05 open p4_low feature_request Please add a dark theme',
  '2026-03-06 resolved p2_high installation The installer stops at 80 percent',
  '2026-03-06 open urgent! other Is anybody there?',
].map(sampleTicket);

/**
 * Ten lines of JSON: eight good tickets, the second of them once more, and one whose priority its contract does not
 * know. Always the same bytes, so that the checksum in the manifest holds.
 */
export function sampleTickets(): string {
  const good = TICKETS.slice(0, -1);
  return [...good, ...good.slice(1, 2), ...TICKETS.slice(-1)]
    .map((ticket) => `${JSON.stringify(record(ticket))}\n`)
    .join('');
}

function sampleTicket(line: string, index: number): SampleTicket {
  const words = line.split(' ');
  const [day = '', status = '', priority = '', category = ''] = words;
  return { number: index + 1, day, status, priority, category, subject: words.slice(4).join(' ') };
}

function record({ number, day, subject, status, priority, category }: SampleTicket): Record<string, string> {
  return {
    ticket_id: `TKT-${day.replaceAll('-', '')}-${String(number).padStart(6, '0')}`,
    schema_version: 'ticket_v1',
    source_id: SAMPLE_SOURCE_ID,
    ingest_batch_id: SAMPLE_BATCH_ID,
    customer_id: `CUST-${String(100 + number * 7).padStart(5, '0')}`,
    status,
    priority,
    category,
    product_line: 'northstar_workspace',
    subject,
    created_at: `${day}T0${number}:15:00Z`,
    pii_level: 'none',
    quality_gate: 'pass',
    owner: 'support-data',
  };
}
