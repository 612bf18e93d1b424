import type { Dialect } from './dialect.ts';

const LF = 0x0a;
const CR = 0x0d;
const NONE = -1;

/** Of a field, beside where it stands. */
export const QUOTED = 1;
export const ESCAPED = 2;

export interface RowFault {
  readonly rule: 'csv_stray_quote' | 'csv_unclosed_quote';
  /** Index of the field, from 0. */
  readonly field: number;
  /** Within the row. */
  readonly offset: number;
}

/** Where in a field the scanner is; `closedCr`: behind a closing quote and a CR, which may belong to the terminator. */
const STATES = { start: 0, plain: 1, quoted: 2, escape: 3, closed: 4, closedCr: 5 } as const;
type State = (typeof STATES)[keyof typeof STATES];

/**
 * Walks the bytes of rows, whichever pieces they come in: RFC 4180, and what dialects add to it. Places are relative to the
 * row's first byte. Only so many fields as a row should have are kept, so that a row of commas takes no memory; all are
 * counted.
 */
export class RowScanner {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #fieldsKept: number;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly flags: number[] = [];
  /** Fields of the row so far. */
  count = 0;
  fault: RowFault | null = null;
  /** LFs within the row so far, its terminator included. */
  lines = 0;
  /** Where the row's last field ends: its terminator is no part of it. */
  end = 0;
  #state: State = STATES.start;
  #start = 0;
  #flags = 0;

  constructor({ delimiter, quote, escape: escaping }: Dialect, fieldsKept: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote === null ? NONE : quote.charCodeAt(0);
    this.#escape = quote === null || escaping === quote ? NONE : escaping.charCodeAt(0);
    this.#fieldsKept = fieldsKept;
  }

  get isQuoted(): boolean {
    return this.#state === STATES.quoted || this.#state === STATES.escape;
  }

  /** Begins the next row. */
  begin(): void {
    this.#state = STATES.start;
    this.count = 0;
    this.fault = null;
    this.lines = 0;
    this.#start = 0;
    this.#flags = 0;
    this.starts.length = 0;
    this.ends.length = 0;
    this.flags.length = 0;
  }

  /**
   * Goes on at `from`, where the row begins at `row`. The index of the LF that ends it, or -1 where the bytes end first.
   */
  scan(bytes: Uint8Array, row: number, from: number, until: number): number {
    const [delimiter, quote, escaping] = [this.#delimiter, this.#quote, this.#escape];
    let state = this.#state;
    for (let at = from; at < until; at += 1) {
      const byte = bytes[at] as number;
      if (state === STATES.quoted) {
        if (byte === quote) state = STATES.closed;
        else if (byte === escaping) {
          state = STATES.escape;
          this.#flags |= ESCAPED;
        } else if (byte === LF) this.lines += 1;
      } else if (state === STATES.escape) {
        if (byte === LF) this.lines += 1;
        state = STATES.quoted;
      } else if (state === STATES.closed && byte === quote && escaping === NONE) {
        this.#flags |= ESCAPED;
        state = STATES.quoted;
      } else if (byte === LF) {
        this.lines += 1;
        this.#endRow(bytes, row, at);
        return at;
      } else if (byte === delimiter) {
        if (state === STATES.closedCr) this.#blame('csv_stray_quote', at - row - 1);
        this.#endField(at - row);
        this.#start = at - row + 1;
        state = STATES.start;
      } else if (state === STATES.start && byte === quote) {
        this.#flags = QUOTED;
        state = STATES.quoted;
      } else if (state === STATES.closed && byte === CR) {
        state = STATES.closedCr;
      } else {
        const isBeside = state === STATES.closed || state === STATES.closedCr;
        if (isBeside || byte === quote) this.#blame('csv_stray_quote', at - row);
        state = STATES.plain;
      }
    }
    this.#state = state;
    return -1;
  }

  /** The file ends here: so does the row. */
  finish(row: number, until: number): void {
    if (this.isQuoted) this.#blame('csv_unclosed_quote', this.#start);
    // Without an LF behind it a CR is a byte like others, and one behind a quote is out of place.
    else if (this.#state === STATES.closedCr) this.#blame('csv_stray_quote', until - row - 1);
    this.end = until - row;
    this.#endField(this.end);
  }

  #endRow(bytes: Uint8Array, row: number, lf: number): void {
    const hasCr = lf > row && bytes[lf - 1] === CR;
    this.end = (hasCr ? lf - 1 : lf) - row;
    this.#endField(this.end);
  }

  #endField(end: number): void {
    if (this.count < this.#fieldsKept) {
      this.starts.push(this.#start);
      this.ends.push(end);
      this.flags.push(this.#flags);
    }
    this.count += 1;
    this.#flags = 0;
  }

  #blame(rule: RowFault['rule'], offset: number): void {
    this.fault ??= { rule, field: this.count, offset };
  }
}
