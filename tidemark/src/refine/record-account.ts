import { mergeDigests } from '../model/digest.ts';
import { EMPTY_RECORDS, sumRecords } from '../model/tally.ts';
import type { ProvenVerdict } from './compiled/prove-line.ts';
import { DigestBuilder } from './digest-builder.ts';
import type { Cursor, Verdict } from './judge-record.ts';
import { compareKeys } from './record-window.ts';
import type { RefinedUnit, UnitFiles } from './refined.ts';

/** What is known of a unit once all its records are judged. */
export type RecordSums = Omit<RefinedUnit, keyof UnitFiles>;

/** The same of a stretch of it, with a cursor that can be compared with those of others. */
export type AccountState = Omit<RecordSums, 'cursorMax'> & {
  readonly cursorMax: Cursor | null;
  /** Accepted rows without one, also where no row has one. */
  readonly withoutEventTime: number;
};

/**
 * Counts records and sums their fingerprints twice, apart from each other: at the decoder as read, at the judge by
 * outcome. That both sides agree is proof only as long as neither is derived from the other.
 */
export class RecordAccount {
  readonly #read = new DigestBuilder();
  readonly #outcomes: Readonly<Record<Verdict['kind'], DigestBuilder>> = {
    accepted: new DigestBuilder(),
    rejected: new DigestBuilder(),
    quarantined: new DigestBuilder(),
    out_of_window: new DigestBuilder(),
  };
  #records = 0;
  #blank = 0;
  #cursorMax: Cursor | null = null;
  #eventTime: { min: string; max: string } | null = null;
  #withoutEventTime = 0;
  #withoutCursor = 0;

  get records(): number {
    return this.#records;
  }

  countBlank(lines: number): void {
    this.#blank += lines;
  }

  countRead(fingerprint: string): void {
    this.#records += 1;
    this.#read.add(fingerprint);
  }

  countOutcome(fingerprint: string, verdict: Verdict | ProvenVerdict): void {
    this.#outcomes[verdict.kind].add(fingerprint);
    // A rejected record has its durable outcome too: the next read need not begin before it.
    this.#observeCursor(verdict.cursor);
    if ('withoutCursor' in verdict) this.#withoutCursor += 1;
    if (verdict.kind === 'accepted') this.#observeEventTime(verdict.eventTime);
  }

  #observeCursor(cursor: Cursor | null): void {
    if (cursor?.inside === true) this.#cursorMax = greaterCursor(this.#cursorMax, cursor);
  }

  #observeEventTime(time: string | null): void {
    if (time === null) this.#withoutEventTime += 1;
    else if (this.#eventTime === null) this.#eventTime = { min: time, max: time };
    else if (time < this.#eventTime.min) this.#eventTime.min = time;
    else if (time > this.#eventTime.max) this.#eventTime.max = time;
  }

  state(): AccountState {
    const read = this.#read.digest();
    const accepted = this.#outcomes.accepted.digest();
    const rejected = this.#outcomes.rejected.digest();
    const quarantined = this.#outcomes.quarantined.digest();
    const outOfWindow = this.#outcomes.out_of_window.digest();
    return {
      tally: {
        ...EMPTY_RECORDS,
        read: read.count,
        accepted: accepted.count,
        rejected: rejected.count,
        quarantined: quarantined.count,
        out_of_window: outOfWindow.count,
        blank: this.#blank,
      },
      read,
      accepted,
      rejected,
      quarantined,
      outOfWindow,
      withoutCursor: this.#withoutCursor,
      cursorMax: this.#cursorMax,
      eventTime: this.#eventTime && { ...this.#eventTime, missing: this.#withoutEventTime },
      withoutEventTime: this.#withoutEventTime,
    };
  }
}

/** The account of a whole from those of its stretches, in their order. */
export function sumAccounts(states: readonly AccountState[]): RecordSums {
  const digest = (key: 'read' | 'accepted' | 'rejected' | 'quarantined' | 'outOfWindow') =>
    mergeDigests(states.map((state) => state[key]));
  const [first, ...rest] = states.flatMap(({ eventTime }) => (eventTime === null ? [] : [eventTime]));
  const missing = states.reduce((sum, { withoutEventTime }) => sum + withoutEventTime, 0);
  let cursorMax: Cursor | null = null;
  for (const { cursorMax: cursor } of states) cursorMax = greaterCursor(cursorMax, cursor);
  return {
    tally: sumRecords(states.map(({ tally }) => tally)),
    read: digest('read'),
    accepted: digest('accepted'),
    rejected: digest('rejected'),
    quarantined: digest('quarantined'),
    outOfWindow: digest('outOfWindow'),
    withoutCursor: states.reduce((sum, { withoutCursor }) => sum + withoutCursor, 0),
    cursorMax: cursorMax?.text ?? null,
    eventTime: first === undefined ? null : { ...rest.reduce(widen, first), missing },
  };
}

type TimeRange = NonNullable<AccountState['eventTime']>;

function widen(one: TimeRange, other: TimeRange): TimeRange {
  return {
    ...one,
    min: other.min < one.min ? other.min : one.min,
    max: other.max > one.max ? other.max : one.max,
  };
}

/** Of equal values the first one's text stands. */
function greaterCursor(first: Cursor | null, second: Cursor | null): Cursor | null {
  if (first === null || second === null) return first ?? second;
  return compareKeys(second.key, first.key) > 0 ? second : first;
}
