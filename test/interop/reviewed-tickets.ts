import { ticket } from '../../tidemark/src/testing/sample-project.ts';

const closed = (properties: Record<string, unknown>) => ({
  type: 'object',
  additionalProperties: false,
  properties,
});
const instant = { type: 'string', format: 'date-time' };

/** Optional properties that a ticket's contract gains: one of every column type. */
export const REVIEW_PROPERTIES: Readonly<Record<string, unknown>> = {
  sentiment: { type: ['number', 'null'] },
  reopened: { type: 'integer' },
  first_reply_at: { ...instant, type: ['string', 'null'] },
  promised_on: { type: 'string', format: 'date' },
  escalated_before: { type: 'boolean' },
  review: closed({ by: { type: 'string' }, score: { type: 'number' }, at: instant }),
  steps: { type: 'array', items: closed({ at: instant, note: { type: 'string' } }) },
  extra: {},
};

const numbered = (number: number, fields: Record<string, unknown>) =>
  ticket(number, {
    ticket_id: `TKT-20260520-${String(number).padStart(6, '0')}`,
    created_at: `2026-05-20T10:${String(number).padStart(2, '0')}:00Z`,
    ...fields,
  });

/** All of the new properties, some, none, nulls; one breaks its contract. */
export const REVIEWED_TICKETS: readonly Record<string, unknown>[] = [
  ...Array.from({ length: 8 }, (_, index) =>
    numbered(index, {
      sentiment: index / 8 - 0.3,
      reopened: index % 3,
      first_reply_at: index % 2 === 0 ? `2026-05-20T11:00:0${index}.123456Z` : null,
      promised_on: `2026-06-0${index + 1}`,
      escalated_before: index % 2 === 0,
      review: { by: `agent-${index % 3}`, score: index * 1.5, at: `2026-05-21T00:0${index}:00+02:00` },
      steps: [{ at: '2026-05-20T12:00:00Z', note: 'Rückruf' }, { note: `step ${index}` }].slice(0, index % 3),
      extra: [index, { nested: 'ü', list: [null, true] }],
      sla_tier: ['enterprise', 'free', 'standard'][index % 3],
    }),
  ),
  numbered(20, {}),
  numbered(21, { sentiment: null, first_reply_at: null, review: {}, extra: null }),
  numbered(22, { review: { score: 2 }, steps: [], extra: 'text' }),
  numbered(23, { reopened: 'often' }),
];

/**
 * Values at the ends of their columns' ranges. Lines, since JavaScript would round the integers. The very first and last
 * microsecond are left out: PyIceberg looks one further when it filters a table that is partitioned by time.
 */
export const EXTREME_LINES: readonly string[] = [
  {
    ...numbered(40, {
      created_at: '0001-01-01T00:00:00.000001Z',
      promised_on: '0001-01-01',
      sentiment: 5e-324,
    }),
    subject: '🧊'.repeat(60),
    description: `${'a'.repeat(15)}\uD7FFzz`,
    reopened: '9223372036854775807',
  },
  {
    ...numbered(41, { created_at: '9999-12-31T23:59:59.999998Z', promised_on: '9999-12-31' }),
    sentiment: -1.7976931348623157e308,
    subject: '\u{10FFFF}'.repeat(20),
    description: 'é'.repeat(400),
    reopened: '-9223372036854775808',
  },
  {
    ...numbered(42, { created_at: '1969-12-31T23:59:59.999999Z', promised_on: '1969-12-31', sentiment: 0 }),
    subject: '',
    description: 'line\nbreak\t"quote"\\',
    reopened: '9007199254740993',
  },
].map((record) => JSON.stringify(record).replace(/"reopened":"(-?\d+)"/, '"reopened":$1'));

/** Under a contract that has lost `sentiment` again. */
export const LATER_TICKETS: readonly Record<string, unknown>[] = [50, 51, 52].map((number) =>
  numbered(number, { reopened: number, created_at: `2026-06-${number - 30}T00:00:00Z` }),
);
