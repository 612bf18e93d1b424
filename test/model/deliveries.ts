/** What a source can deliver, in the smallest world that still has every outcome. */
export type Line =
  | {
      readonly kind: 'record';
      /** Business key; the event time follows from it, so that equal records are equal in time too. */
      readonly id: number;
      /** Another note is another version of the same ticket. */
      readonly note: number;
      readonly status: 'open' | 'parked' | 'lost';
      /** Lineage: no part of a record's identity. */
      readonly exported: number;
    }
  | { readonly kind: 'broken' }
  | { readonly kind: 'blank' };

export type RecordLine = Extract<Line, { kind: 'record' }>;

/** Minutes between the event times of two ids. */
const STEP_MINUTES = 5;

export const minuteOf = (id: number): number => id * STEP_MINUTES;

/** Two records with the same content are one record, whoever delivers them and however often. */
export const contentOf = ({ id, note, status }: RecordLine): string => `${id}.${note}.${status}`;

/** What each contract of the world accepts. `noted` judges as `plain` does and has another hash. */
export const CONTRACTS = {
  plain: ({ status }: RecordLine) => status === 'open',
  loose: ({ status }: RecordLine) => status !== 'lost',
  narrow: ({ status, note }: RecordLine) => status === 'open' && note === 0,
  noted: ({ status }: RecordLine) => status === 'open',
} as const satisfies Record<string, (record: RecordLine) => boolean>;

export type ContractName = keyof typeof CONTRACTS;

export const tellLine = (line: Line): string =>
  line.kind === 'record' ? `${contentOf(line)}${line.exported === 0 ? '' : `~${line.exported}`}` : line.kind;

export const tellLines = (lines: readonly Line[]): string => `[${lines.map(tellLine).join(' ')}]`;
