import { compareProgress, formOf } from './advance.ts';

/** What an operator's move comes to for the forward runs after it. */
export type OperatorEffect =
  /** The interval is read a second time. */
  | { readonly kind: 'read_again'; readonly from: string; readonly to: string }
  /** No forward run reads the interval. */
  | { readonly kind: 'never_read'; readonly from: string | null; readonly to: string }
  /** The same value, of another place: forward runs go on there. */
  | { readonly kind: 'goes_on_at'; readonly from: string; readonly to: string }
  /** The interval counts as still open: it can be late, and stale. */
  | { readonly kind: 'open_again'; readonly from: string; readonly to: string }
  /** The interval counts as complete, though nothing showed it. */
  | { readonly kind: 'taken_as_complete'; readonly from: string | null; readonly to: string };

export type OperatorMove =
  | { readonly kind: 'move'; readonly effect: OperatorEffect }
  | { readonly kind: 'refused'; readonly why: string };

/** Intervals are half-open. Pure. */
export function operatorMove(move: {
  readonly object: 'cursor' | 'watermark';
  readonly before: string | null;
  readonly after: string;
}): OperatorMove {
  const { object, before, after } = move;
  if (before !== null && formOf(before) !== formOf(after)) {
    const why = `${after} is ${FORMS[formOf(after)]}; the ${object} is ${FORMS[formOf(before)]}: ${before}`;
    return { kind: 'refused', why };
  }
  const order = before === null ? 1 : compareProgress(after, before);
  if (order === 0) return { kind: 'refused', why: `the ${object} is at ${after} already` };
  if (order < 0 && before !== null) {
    const interval = { from: after, to: before };
    return { kind: 'move', effect: { kind: object === 'cursor' ? 'read_again' : 'open_again', ...interval } };
  }
  const kind = object === 'cursor' ? 'never_read' : 'taken_as_complete';
  return { kind: 'move', effect: { kind, from: before, to: after } };
}

const FORMS = { integer: 'a whole number', instant: 'a time', text: 'text' } as const;
