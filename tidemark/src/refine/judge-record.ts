import type { Contract, Violation } from '../contract/contract.ts';
import { compileWithholding } from '../contract/withhold-pii.ts';
import type { ExactObject } from '../model/exact-number.ts';
import type { JsonValue } from '../model/json.ts';
import { QUARANTINED_RULE } from '../model/tally.ts';
import { compileProjection } from './project-record.ts';
import type { CursorReader, CursorReading } from './record-window.ts';

export type Cursor = Extract<CursorReading, { kind: 'cursor' }>;

export type Verdict =
  | {
      readonly kind: 'rejected';
      readonly violations: readonly Violation[];
      /** Where it stands in the order all the same; null where that cannot be told. */
      readonly cursor: Cursor | null;
      /** Valid, and rejected for that alone. */
      readonly withoutCursor?: true;
    }
  /** Valid, and kept apart since nothing says where it stands in the order. */
  | {
      readonly kind: 'quarantined';
      readonly violations: readonly Violation[];
      readonly cursor: null;
      readonly withoutCursor: true;
    }
  | { readonly kind: 'out_of_window'; readonly cursor: Cursor }
  | {
      readonly kind: 'accepted';
      /** The contract's columns: the inside of a JSON object, without braces. */
      readonly cells: string;
      readonly eventTime: string | null;
      /** Null without a window, and where the record has no place in it. */
      readonly cursor: Cursor | null;
      readonly withoutCursor?: true;
    };

export interface RecordRules {
  readonly contract: Contract;
  readonly readCursor: CursorReader | null;
}

/** Judges parsed records: by their contract, by what columns can hold, by the window, in this order. */
export function compileRecordJudge({ contract, readCursor }: RecordRules) {
  const project = compileProjection(contract);
  const withhold = compileWithholding(contract.traits);

  const rejected = (value: ExactObject, violations: readonly Violation[]): Verdict => {
    const cursor = readCursor === null ? null : readCursor(value);
    return {
      kind: 'rejected',
      violations: withhold(violations),
      cursor: cursor?.kind === 'cursor' ? cursor : null,
    };
  };

  return (value: ExactObject, plain: JsonValue): Verdict => {
    const violations = contract.validate(plain);
    if (violations.length > 0) return rejected(value, violations);

    const projected = project(value);
    if (projected.kind === 'unrepresentable') return rejected(value, projected.violations);

    const cursor = readCursor === null ? null : readCursor(value);
    if (cursor?.kind === 'missing' && readCursor?.nullCursor !== 'include') {
      const without = { violations: [cursor.violation], cursor: null, withoutCursor: true } as const;
      return readCursor?.nullCursor === 'quarantine'
        ? { kind: 'quarantined', ...without, violations: [{ ...cursor.violation, rule: QUARANTINED_RULE }] }
        : { kind: 'rejected', ...without };
    }
    const { text: cells, eventTime } = projected;
    if (cursor?.kind === 'missing')
      return { kind: 'accepted', cells, eventTime, cursor: null, withoutCursor: true };
    if (cursor?.inside === false) return { kind: 'out_of_window', cursor };
    return { kind: 'accepted', cells, eventTime, cursor };
  };
}
