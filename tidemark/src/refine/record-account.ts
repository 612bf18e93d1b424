import { EMPTY_RECORDS } from '../model/tally.ts';
import { DigestBuilder } from './digest-builder.ts';
import type { Cursor, Verdict } from './judge-record.ts';
import type { RefinedUnit, UnitFiles } from './refined.ts';

/** What is known of a unit once all its records are judged. */
export type RecordSums = Omit<RefinedUnit, keyof UnitFiles>;

/**
 * Counts records and sums their fingerprints twice, apart from each other: at the decoder as read, at the judge by
 * outcome. That both sides agree is proof only as long as neither is derived from the other.
 */
export class RecordAccount {
  readonly #read = new DigestBuilder();
  readonly #outcomes: Readonly<Record<Verdict['kind'], DigestBuilder>> = {
    accepted: new DigestBuilder(),
    rejected: new DigestBuilder(),
    out_of_window: new DigestBuilder(),
  };
  #records = 0;
  #blank = 0;
  #cursorMax: Cursor | null = null;
  #eventTime: { min: string; max: string } | null = null;
  #withoutEventTime = 0;

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

  countOutcome(fingerprint: string, verdict: Verdict): void {
    this.#outcomes[verdict.kind].add(fingerprint);
    // A rejected record has its durable outcome too: the next read need not begin before it.
    this.#observeCursor(verdict.cursor);
    if (verdict.kind === 'accepted') this.#observeEventTime(verdict.eventTime);
  }

  /** Of equal values the first one's text stands. */
  #observeCursor(cursor: Cursor | null): void {
    if (cursor === null || !cursor.inside) return;
    if (this.#cursorMax === null || cursor.key > this.#cursorMax.key) this.#cursorMax = cursor;
  }

  #observeEventTime(time: string | null): void {
    if (time === null) this.#withoutEventTime += 1;
    else if (this.#eventTime === null) this.#eventTime = { min: time, max: time };
    else if (time < this.#eventTime.min) this.#eventTime.min = time;
    else if (time > this.#eventTime.max) this.#eventTime.max = time;
  }

  sums(): RecordSums {
    const read = this.#read.digest();
    const accepted = this.#outcomes.accepted.digest();
    const rejected = this.#outcomes.rejected.digest();
    const outOfWindow = this.#outcomes.out_of_window.digest();
    return {
      tally: {
        ...EMPTY_RECORDS,
        read: read.count,
        accepted: accepted.count,
        rejected: rejected.count,
        out_of_window: outOfWindow.count,
        blank: this.#blank,
      },
      read,
      accepted,
      rejected,
      outOfWindow,
      cursorMax: this.#cursorMax?.text ?? null,
      eventTime: this.#eventTime && { ...this.#eventTime, missing: this.#withoutEventTime },
    };
  }
}
