import { type PhrasePool, phrasePool } from './ticket-phrase-pool.ts';

/**
 * Any line of a generated file from its seed and number alone, so that a duplicate can repeat a line from far back while
 * nothing of the file is kept in memory.
 */
export interface TicketLines {
  kindAt(index: number): LineKind;
  /** Without line end. Lines with `ascii` have as many bytes as characters. */
  lineAt(index: number): { readonly text: string; readonly ascii: boolean };
}

export type LineKind =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly breach: Breach }
  | { readonly kind: 'duplicate'; readonly of: number };

/** The rule that an invalid ticket breaks; exactly one each. */
export const BREACHES = ['enum', 'required', 'format', 'pattern', 'additionalProperties', 'type'] as const;
export type Breach = (typeof BREACHES)[number];

export const BENCH_SOURCE_ID = 'bench-tickets';
export const BENCH_BATCH_ID = 'batch-bench';

const VALID: LineKind = { kind: 'valid' };
const PER_MILLE = { invalid: 10, duplicate: 10 };
/** A ticket a minute, each up to half an hour early or late. */
const STEP_SECONDS = 60;
const JITTER_SECONDS = 1800;
const FIRST_SECOND = Date.UTC(2016, 0, 1) / 1000;
/** Half of the duplicates come soon after their original, the others at any distance. */
const NEAR_LINES = 1000;

export function ticketLines(seed: number): TicketLines {
  const pool = phrasePool(seed);
  const day = dayWriter();

  function kindAt(index: number): LineKind {
    // The first line is valid, so that every duplicate finds something to repeat.
    if (index === 0) return VALID;
    const draw = drawsFor(seed ^ 0x5bd1e995, index);
    const share = draw() % 1000;
    if (share < PER_MILLE.invalid)
      return { kind: 'invalid', breach: BREACHES[draw() % BREACHES.length] as Breach };
    if (share >= PER_MILLE.invalid + PER_MILLE.duplicate) return VALID;
    const near = draw() % 2 === 0 ? Math.min(index, NEAR_LINES) : index;
    let of = index - 1 - (draw() % near);
    while (!isValid(of)) of -= 1;
    return { kind: 'duplicate', of };
  }

  function isValid(index: number): boolean {
    return (
      index === 0 || drawsFor(seed ^ 0x5bd1e995, index)() % 1000 >= PER_MILLE.invalid + PER_MILLE.duplicate
    );
  }

  return {
    kindAt,
    lineAt(index) {
      const kind = kindAt(index);
      const told = kind.kind === 'duplicate' ? kind.of : index;
      return writeTicket({ pool, day, draw: drawsFor(seed, told), index: told }, breachOf(kind));
    },
  };
}

function breachOf(kind: LineKind): Breach | null {
  return kind.kind === 'invalid' ? kind.breach : null;
}

interface TicketDraft {
  readonly pool: PhrasePool;
  readonly day: (days: number) => string;
  readonly draw: () => number;
  readonly index: number;
}

const STATUSES = ['open', 'pending', 'in_progress', 'resolved', 'closed', 'closed', 'closed', 'escalated'];
const PRIORITIES = [
  'p1_critical',
  'p2_high',
  'p2_high',
  'p3_medium',
  'p3_medium',
  'p3_medium',
  'p4_low',
  'p4_low',
];
const TIERS = ['enterprise', 'professional', 'standard', 'free'];
const TIER_HOURS = [4, 8, 48, 0];
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** Strings are put together by hand: JSON.stringify of an object a line is about a third as fast. */
function writeTicket({ pool, day, draw, index }: TicketDraft, breach: Breach | null) {
  const created = FIRST_SECOND + index * STEP_SECONDS + (draw() % (2 * JITTER_SECONDS)) - JITTER_SECONDS;
  const story = pool.stories[draw() % pool.stories.length] as PhrasePool['stories'][number];
  const remark = () => pool.remarks[draw() % pool.remarks.length] as string;
  const time = (seconds: number) => writeTime(day, seconds);
  const bits = draw();
  const status = STATUSES[bits & 7] as string;
  const done = status === 'resolved' || status === 'closed';
  const updated = created + 600 + (draw() % 432_000);
  const tier = (bits >> 3) & 3;
  const due = TIER_HOURS[tier] === 0 ? 'null' : `"${time(created + (TIER_HOURS[tier] as number) * 3600)}"`;
  const createdText = time(created);
  const ticketDay = createdText.slice(0, 4) + createdText.slice(5, 7) + createdText.slice(8, 10);
  const number = String(index % 1_000_000).padStart(breach === 'pattern' ? 7 : 6, '0');
  const customer = draw() % 50_000;
  const text =
    `{"ticket_id":"TKT-${ticketDay}-${number}","schema_version":"ticket_v1","source_id":"${BENCH_SOURCE_ID}"` +
    `,"ingest_batch_id":"${BENCH_BATCH_ID}",` +
    (breach === 'required' ? '' : `"customer_id":"CUST-${100_000 + customer}",`) +
    `"org_id":"ORG-${1000 + (customer % 5000)}","status":"${breach === 'enum' ? 'reopened' : status}"` +
    `,"priority":"${PRIORITIES[(bits >> 5) & 7]}",${story.about}"subject":"${story.subject}"` +
    `,"description":"${story.opening}${remark()}${remark()}${remark()}${remark()}${remark()} Reference ${draw()}."` +
    `,"error_codes":["${story.code}"],"asset_ids":[${bits & 0x300 ? '' : `"doc:northstar_help:${hex12(draw)}"`}]` +
    `,"tags":${breach === 'type' ? '"sso,login"' : story.tags},"assignee_id":${bits & 0x400 ? 'null' : `"AGT-${100 + (draw() % 900)}"`}` +
    `,"sla_tier":"${TIERS[tier]}","sla_due_at":${due}` +
    `,"created_at":"${breach === 'format' ? createdText.slice(0, 19) : createdText}"` +
    `,"updated_at":"${time(updated)}","resolved_at":${done ? `"${time(updated)}"` : 'null'}` +
    `,"pii_level":"${bits & 0x1800 ? 'none' : 'low'}","pii_redacted":${bits & 0x1800 ? 'false' : 'true'}` +
    `,"quality_gate":"${bits & 0xe000 ? 'pass' : 'warn'}"` +
    (breach === 'additionalProperties' ? ',"satisfaction_score":4' : '') +
    ',"owner":"support-data"}';
  return { text, ascii: story.ascii };
}

function hex12(draw: () => number): string {
  return (
    (draw() & 0xffffff).toString(16).padStart(6, '0') + (draw() & 0xffffff).toString(16).padStart(6, '0')
  );
}

function writeTime(day: (days: number) => string, seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const hour = Math.floor(rest / 3600);
  const minute = Math.floor((rest - hour * 3600) / 60);
  return `${day(days)}T${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[rest % 60]}Z`;
}

/** `YYYY-MM-DD` of a day since 1970, remembered: there are some thousands of them at most. */
function dayWriter(): (days: number) => string {
  const known = new Map<number, string>();
  return (days) => {
    let text = known.get(days);
    if (text === undefined) {
      text = new Date(days * 86_400_000).toISOString().slice(0, 10);
      known.set(days, text);
    }
    return text;
  };
}

/** Draws of 32 bits for one line (mulberry32, its start spread by a multiplication). */
function drawsFor(seed: number, index: number): () => number {
  let state = (Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
