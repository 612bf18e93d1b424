import type { TableColumn } from '../../tidemark/src/bronze/iceberg/schema.ts';
import type { Row } from './fixture-warehouse.ts';

const optional = (name: string, type: TableColumn['type']): TableColumn => ({ name, type, required: false });

const DETAIL = [
  { name: 'channel', type: { kind: 'string' } },
  { name: 'score', type: { kind: 'double' } },
  { name: 'labels', type: { kind: 'list', element: { kind: 'string' } } },
] as const;

/** Every column type that a contract can give, at every depth that matters. */
export const EVERY_TYPE: readonly TableColumn[] = [
  { name: 'id', type: { kind: 'long' }, required: true, doc: 'The key.' },
  optional('created_at', { kind: 'timestamptz' }),
  optional('text', { kind: 'string' }),
  optional('amount', { kind: 'double' }),
  optional('open', { kind: 'boolean' }),
  optional('day', { kind: 'date' }),
  optional('payload', { kind: 'json' }),
  optional('tags', { kind: 'list', element: { kind: 'string' } }),
  optional('detail', { kind: 'struct', fields: DETAIL }),
  optional('steps', {
    kind: 'list',
    element: {
      kind: 'struct',
      fields: [
        { name: 'at', type: { kind: 'timestamptz' } },
        { name: 'n', type: { kind: 'long' } },
      ],
    },
  }),
  optional('matrix', { kind: 'list', element: { kind: 'list', element: { kind: 'long' } } }),
  optional('odd "name"', { kind: 'string' }),
  optional('with.dots', { kind: 'string' }),
];

/** The same after the contract has grown: a new column, a new member of a struct, a new nested column. */
export const EVERY_TYPE_LATER: readonly TableColumn[] = [
  ...EVERY_TYPE.map((column) =>
    column.name === 'detail'
      ? optional('detail', {
          kind: 'struct',
          fields: [...DETAIL, { name: 'agent', type: { kind: 'string' } }],
        })
      : column,
  ),
  optional('sentiment', { kind: 'double' }),
  optional('notes', {
    kind: 'list',
    element: { kind: 'struct', fields: [{ name: 'by', type: { kind: 'string' } }] },
  }),
];

const EMOJI = '🧊🌊';

export function everyTypeRows() {
  const ordinary: Row[] = Array.from({ length: 5 }, (_, index) => ({
    id: String(index + 1),
    created_at: `2024-0${index + 1}-01 10:00:00.00000${index}+00`,
    text: `ticket ${index}`,
    amount: index / 4,
    open: index % 2 === 0,
    day: `2024-01-0${index + 1}`,
    payload: JSON.stringify({ n: index }),
    tags: index === 2 ? [] : ['a', `b${index}`, null],
    detail: { channel: `c${index}`, score: index * 1.5, labels: [`l${index}`] },
    steps: [
      { at: `2024-02-0${index + 1} 00:00:00+00`, n: String(index) },
      { at: null, n: null },
    ],
    matrix: [['1', '2'], [], null, [String(index)]],
    'odd "name"': `odd ${index}`,
    'with.dots': `dotted ${index}`,
  }));
  const extreme: Row[] = [
    {
      id: '9223372036854775807',
      created_at: '9999-12-31 23:59:59.999999+00',
      text: EMOJI.repeat(20),
      amount: 'Infinity',
      open: true,
      day: '9999-12-31',
      detail: { channel: '\u{10FFFF}'.repeat(17), score: 1.7976931348623157e308, labels: [] },
    },
    {
      id: '-9223372036854775808',
      created_at: '0001-01-01 00:00:00+00',
      text: '',
      amount: '-Infinity',
      open: false,
      day: '0001-01-01',
      detail: { channel: '', score: 5e-324, labels: null },
    },
    {
      id: '9007199254740993',
      created_at: '1969-12-31 23:59:59.999999+00',
      text: 'é'.repeat(300),
      amount: 'NaN',
      open: true,
      day: '1969-12-31',
    },
    {
      id: '-1',
      created_at: '1970-01-01 00:00:00+00',
      text: `${'a'.repeat(15)}\uD7FFzz`,
      amount: '-0.0',
      open: false,
      day: '1970-01-01',
    },
    {
      id: '0',
      created_at: '1582-10-10 00:00:00+00',
      text: 'line\nbreak\t"quote"\\',
      amount: 0,
      open: null,
      day: '1582-10-10',
    },
  ];
  const nulls: Row[] = [
    { id: '100' },
    { id: '101', detail: null, tags: null },
    { id: '102', detail: { channel: null } },
  ];
  const replacement: Row[] = ordinary.slice(0, 3).map((row) => ({ ...row, text: `${row.text}, corrected` }));
  return { ordinary, extreme, nulls, replacement };
}

export const LATER_ROWS: readonly Row[] = [
  {
    id: '200',
    text: 'after the evolution',
    sentiment: -0.25,
    detail: { channel: 'mail', score: 1, labels: ['x'], agent: 'kim' },
    notes: [{ by: 'kim' }, { by: null }],
  },
];

/**
 * Eight groups whose values lie apart in every column, below and above zero and 1970: a reader that takes a bound's
 * bytes the wrong way round, or a truncated upper bound for the truth, loses rows here.
 */
export function rangeRows(): readonly (readonly Row[])[] {
  return Array.from({ length: 8 }, (_, group) =>
    Array.from({ length: 4 }, (_, index) => {
      const n = (group - 4) * 1000 + index;
      const at = new Date(n * 86_400_000);
      return {
        id: String(BigInt(n) * 1_000_000_007n),
        created_at: `${at.toISOString().slice(0, 10)} 12:00:00.00000${index}+00`,
        text: `${'🧊'.repeat(group + 5)}${'z'.repeat(index + 12)}`,
        amount: n * 1.25 + 0.1,
        open: group >= 4,
        day: at.toISOString().slice(0, 10),
        payload: `{"group":${group},"padding":"${'p'.repeat(20)}","index":${index}}`,
        tags: [`t${group}`],
        detail: {
          channel: `channel ${String.fromCodePoint(0x3b1 + group).repeat(16)}${index}`,
          score: -n / 7,
          labels: [],
        },
        'odd "name"': `${group}`,
      };
    }),
  );
}

const TICKET: readonly TableColumn[] = [
  { name: 'ticket_id', type: { kind: 'string' }, required: true },
  optional('created_at', { kind: 'timestamptz' }),
  optional('product', { kind: 'string' }),
  optional('priority', { kind: 'long' }),
  optional('open', { kind: 'boolean' }),
  optional('due', { kind: 'date' }),
  optional('two words', { kind: 'string' }),
];

const PRODUCTS = [
  'billing',
  '',
  null,
  'a/b=c %20',
  'é😀',
  '__HIVE_DEFAULT_PARTITION__',
  'null',
  '..',
  'Ä'.repeat(40),
];

export const PARTITIONINGS: Readonly<Record<string, readonly string[]>> = {
  by_day: ['day(created_at)'],
  by_month_and_product: ['month(created_at)', 'identity(product)'],
  by_year_due: ['year(due)', 'open'],
  by_hour: ['hour(created_at)', 'truncate[1](product)'],
  by_priority: ['truncate[10](priority)', 'month(due)'],
  by_values: ['priority', 'due', 'created_at'],
  by_odd_name: ['two words', 'day(due)'],
};

export function ticketRows(label: string): {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly Row[];
} {
  const rows = Array.from({ length: 18 }, (_, index) => ({
    ticket_id: `${label}-${index}`,
    created_at:
      index % 12 === 11
        ? null
        : `${1968 + (index % 4)}-12-31 23:${String(59 - index).padStart(2, '0')}:59.999999+00`,
    product: PRODUCTS[index % PRODUCTS.length]!,
    priority: index % 10 === 9 ? null : String((index % 7) * 9 - 25),
    open: [true, false, null][index % 3]!,
    due: index % 8 === 7 ? null : `${1969 + (index % 3)}-0${1 + (index % 3)}-15`,
    'two words': index % 2 === 0 ? 'yes' : 'no/way',
  }));
  return { columns: TICKET, rows };
}
