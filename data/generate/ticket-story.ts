import { type TimeStyle, writeTime } from './instants.ts';
import type { Random } from './prng.ts';
import { CATEGORIES, type Category, CONTEXTS, EMOJI, IMPACTS, REQUESTS, TOPICS } from './ticket-phrases.ts';
import { GERMAN_TICKETS, JAPANESE_TICKETS } from './ticket-phrases-abroad.ts';
import { AGENTS, type Customer, PRODUCTS, type Product } from './world.ts';

/** One record of the ticket contract, in the property order in which the help desk writes it. */
export type Ticket = Readonly<Record<string, string | boolean | null | readonly string[]>> & {
  readonly ticket_id: string;
  readonly created_at: string;
  readonly status: string;
  readonly subject: string;
};

export interface TicketDesk {
  readonly random: Random;
  readonly customers: readonly Customer[];
  readonly sourceId: string;
  readonly batchId: string;
  readonly timeStyle: TimeStyle;
  /** Nothing in the export is later than this; seconds since 1970. */
  readonly exportedAt: number;
  readonly documentIds: readonly string[];
}

/** Hours that each plan allows for an answer; the free plan promises none. */
const SLA_HOURS = { enterprise: 4, professional: 8, standard: 48, free: null } as const;

/** A ticket opened at `openedAt` (seconds since 1970), told as it stood when the desk exported it. */
export function tellTicket(
  desk: TicketDesk,
  { openedAt, number }: { openedAt: number; number: number },
): Ticket {
  const { random } = desk;
  const customer = random.pick(desk.customers);
  const product = random.pick(PRODUCTS);
  const version = random.pick(product.versions);
  const code = `${product.codePrefix}-${random.integer(1001, 4999)}`;
  const words = writeWords(random, { customer, product, version, code });
  const hours = SLA_HOURS[customer.slaTier];
  const course = tellCourse(desk, openedAt);
  const redacted = random.chance(0.2);
  const due = hours === null ? null : writeTime(openedAt + hours * 3600, desk.timeStyle);
  return {
    ticket_id: ticketId(openedAt, number),
    schema_version: 'ticket_v1',
    source_id: desk.sourceId,
    ingest_batch_id: desk.batchId,
    customer_id: customer.customerId,
    ...(random.chance(0.93) ? { org_id: customer.orgId } : {}),
    status: course.status,
    priority: random.pick([
      'p1_critical',
      'p2_high',
      'p2_high',
      'p3_medium',
      'p3_medium',
      'p3_medium',
      'p4_low',
    ]),
    category: words.category,
    product_line: random.chance(0.04) ? 'cross_product' : product.line,
    ...(random.chance(0.9) ? { product_version: version } : {}),
    subject: words.subject,
    ...(random.chance(0.97)
      ? { description: words.description + (redacted ? ' (Contact: [removed])' : '') }
      : {}),
    error_codes: words.description.includes(code) ? [code] : [],
    asset_ids: random.chance(0.15) ? [random.pick(desk.documentIds)] : [],
    tags: words.tags,
    assignee_id: course.updatedAt === null ? null : random.pick(AGENTS),
    sla_tier: customer.slaTier,
    sla_due_at: due,
    created_at: writeTime(openedAt, desk.timeStyle),
    updated_at: course.updatedAt === null ? null : writeTime(course.updatedAt, desk.timeStyle),
    resolved_at: course.resolvedAt === null ? null : writeTime(course.resolvedAt, desk.timeStyle),
    pii_level: redacted ? 'low' : 'none',
    pii_redacted: redacted,
    quality_gate: random.pick(['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'warn', 'pending']),
    owner: 'support-data',
  };
}

/** The same ticket some time later: further on in its life, re-told by whichever desk exports it now. */
export function laterVersion(
  desk: TicketDesk,
  ticket: Ticket,
  change: { at: number; status: string },
): Ticket {
  const done = change.status === 'resolved' || change.status === 'closed';
  const at = writeTime(change.at, desk.timeStyle);
  return {
    ...ticket,
    source_id: desk.sourceId,
    ingest_batch_id: desk.batchId,
    status: change.status,
    assignee_id: desk.random.pick(AGENTS),
    updated_at: at,
    resolved_at: done ? at : null,
  };
}

export function ticketId(openedAt: number, number: number): string {
  const day = writeTime(openedAt, 'seconds_utc').slice(0, 10).replaceAll('-', '');
  return `TKT-${day}-${String(number).padStart(6, '0')}`;
}

interface Course {
  readonly status: string;
  readonly updatedAt: number | null;
  readonly resolvedAt: number | null;
}

function tellCourse({ random, exportedAt }: TicketDesk, openedAt: number): Course {
  // Most are dealt with on the first days, a few take weeks.
  const share = random.fraction() * random.fraction();
  const hours = 1 + 500 * share * share;
  const touched = Math.min(openedAt + Math.floor(hours * 3600), exportedAt - 60);
  if (touched < openedAt + 1800 || random.chance(0.05))
    return { status: 'open', updatedAt: null, resolvedAt: null };
  if (random.chance(0.3)) {
    const status = random.pick(['open', 'pending', 'pending', 'in_progress', 'in_progress', 'escalated']);
    return { status, updatedAt: touched, resolvedAt: null };
  }
  // A resolved ticket is closed three days later, when nobody objected.
  const closing = touched + 3 * 86_400;
  const closed = closing < exportedAt && random.chance(0.8);
  return {
    status: closed ? 'closed' : 'resolved',
    updatedAt: closed ? closing : touched,
    resolvedAt: touched,
  };
}

interface Setting {
  readonly customer: Customer;
  readonly product: Product;
  readonly version: string;
  readonly code: string;
}

function writeWords(random: Random, setting: Setting) {
  const filling = {
    product: setting.product.name,
    version: setting.version,
    code: setting.code,
    site: setting.customer.site,
    feature: random.pick(setting.product.features),
    count: String(random.integer(2, 97)),
  };
  const fill = (text: string) =>
    sentenceCase(text.replace(/\{(\w+)\}/g, (_, name: keyof typeof filling) => filling[name]));
  const abroad = { de: GERMAN_TICKETS, ja: JAPANESE_TICKETS, en: null }[setting.customer.language];
  if (abroad !== null) {
    const { category, subject, description } = random.pick(abroad);
    return {
      category,
      subject: fill(subject),
      description: fill(description),
      tags: tagsOf(random, category),
    };
  }
  const category = random.pick(CATEGORIES);
  const at = random.integer(0, TOPICS[category].subjects.length - 1);
  const parts = [
    TOPICS[category].symptoms[at] ?? '',
    random.pick(CONTEXTS),
    random.pick(IMPACTS),
    random.pick(REQUESTS),
  ];
  const emoji = random.chance(0.05) ? ` ${random.pick(EMOJI)}` : '';
  return {
    category,
    subject: fill(TOPICS[category].subjects[at] ?? '') + emoji,
    description: parts.map(fill).join(random.chance(0.2) ? '\n' : ' '),
    tags: tagsOf(random, category),
  };
}

function tagsOf(random: Random, category: Category): string[] {
  return TOPICS[category].tags.filter(() => random.chance(0.6));
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
