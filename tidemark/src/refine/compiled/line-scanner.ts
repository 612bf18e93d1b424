import { quoteJson } from '../../model/canonical-json.ts';
import { copyBytes, standsAt, type WordedBytes, worded, wordsOf } from '../worded-bytes.ts';
import {
  CLOSING_BRACE,
  COLON,
  COMMA,
  copyCanonical,
  LOWER_N,
  NOT_PROVEN,
  OPENING_BRACE,
  QUOTE,
  skipSpace,
} from './json-bytes.ts';
import type { LineInHand, ValueReader } from './value-readers.ts';

export interface ScannedProperty {
  readonly name: string;
  readonly read: ValueReader;
  /** Its column holds an instant, written in another form than the record has it. */
  readonly isInstant: boolean;
  readonly isLineage: boolean;
}

export interface ScannerParts {
  /** Shared with the readers. */
  readonly line: LineInHand;
  /** No name of these needs an escape. */
  readonly properties: readonly ScannedProperty[];
  readonly required: readonly number[];
  readonly cells: readonly { readonly name: string; readonly at: number }[];
  readonly eventTime: number | null;
}

/** What a cell takes at most beyond the bytes of its value: an instant grows by eleven, an absent value is `null`. */
const CELL_GROWTH_BYTES = 16;

const NULL = worded(Buffer.from('null'));
const TAIL = worded(Buffer.from('.000000+00"'));
const SPACE = 0x20;

/**
 * Walks the bytes of one line once and proves it a valid record of its contract, or does not; it never says that a line
 * is invalid. What it proved can then be written, until the next line. Bytes must be legal UTF-8. For a line that is
 * proven the explaining lane would say the same: same outcome, same canonical form, same cells.
 */
export class LineScanner {
  readonly #parts: ScannerParts;
  readonly #readers: readonly ValueReader[];
  /** `"name":` of every property. */
  readonly #keys: readonly Buffer[];
  /** The same to guess by; null for the empty name, which is looked up every time. */
  readonly #keyWords: readonly (Int32Array | null)[];
  readonly #byLength: readonly (readonly number[])[];
  /** Which property came after this one in the latest record; the last place is for the first property. */
  readonly #next: Int32Array;
  /** The record in which a property was last seen, by number. */
  readonly #seen: Float64Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #loose: Uint8Array;
  /** Its member stands in the record without a space and without an escape. */
  readonly #tight: Uint8Array;
  readonly #canonical: readonly { readonly at: number; readonly head: WordedBytes }[];
  readonly #cells: readonly {
    readonly at: number;
    readonly head: WordedBytes;
    readonly isInstant: boolean;
    /** The member of a record is the cell, where no space and no escape is in it. */
    readonly isNamedAlike: boolean;
  }[];
  readonly #headBytes: number;
  #record = 0;
  #from: WordedBytes = worded(Buffer.alloc(0));

  constructor(parts: ScannerParts) {
    const { properties, cells } = parts;
    const head = (name: string) => worded(Buffer.from(`,${quoteJson(name)}:`));
    this.#parts = parts;
    this.#readers = properties.map(({ read }) => read);
    this.#keys = properties.map(({ name }) => Buffer.from(`"${name}":`));
    this.#keyWords = this.#keys.map(wordsOf);
    const longest = Math.max(...this.#keys.map(({ length }) => length));
    const all = [...properties.keys()];
    this.#byLength = Array.from({ length: longest + 1 }, (_, length) =>
      all.filter((at) => this.#keys[at]?.length === length),
    );
    this.#next = new Int32Array(properties.length + 1);
    this.#seen = new Float64Array(properties.length);
    this.#starts = new Int32Array(properties.length);
    this.#ends = new Int32Array(properties.length);
    this.#loose = new Uint8Array(properties.length);
    this.#tight = new Uint8Array(properties.length);
    // The default order of sort() is by UTF-16 code units, which is the order of RFC 8785.
    const sorted = properties.map(({ name }) => name).sort();
    this.#canonical = sorted
      .map((name) => ({ at: properties.findIndex((one) => one.name === name), head: head(name) }))
      .filter(({ at }) => properties[at]?.isLineage === false);
    this.#cells = cells.map(({ name, at }) => ({
      at,
      head: head(name),
      isInstant: properties[at]?.isInstant ?? false,
      isNamedAlike: properties[at]?.name === name && properties[at]?.isInstant === false,
    }));
    this.#headBytes = this.#cells.reduce((sum, cell) => sum + cell.head.bytes.length + CELL_GROWTH_BYTES, 0);
  }

  prove(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#from.bytes) this.#from = worded(bytes);
    this.#record += 1;
    const { line } = this.#parts;
    line.words = this.#from.words;
    const record = this.#record;
    let at = skipSpace(bytes, start, end);
    if (at >= end || bytes[at] !== OPENING_BRACE) return false;
    at = skipSpace(bytes, at + 1, end);
    let before = this.#readers.length;
    if (at < end && bytes[at] === CLOSING_BRACE) return this.#isWhole(bytes, at + 1, end);
    for (;;) {
      let property = this.#next[before] as number;
      const guess = this.#keyWords[property] as Int32Array | null;
      const guessBytes = (this.#keys[property] as Buffer).length;
      let valueAt = NOT_PROVEN;
      if (guess !== null && at + guessBytes <= end && standsAt(guess, guessBytes, line.words, at)) {
        at += guessBytes;
        valueAt = at;
      } else {
        const key = this.#findKey(bytes, at, end);
        if (key === NOT_PROVEN) return false;
        property = key;
        at = skipSpace(bytes, at + (this.#keys[key] as Buffer).length - 1, end);
        if (at >= end || bytes[at] !== COLON) return false;
        at += 1;
        this.#next[before] = key;
      }
      at = skipSpace(bytes, at, end);
      if (at >= end || this.#seen[property] === record) return false;
      this.#seen[property] = record;
      before = property;
      line.loose = false;
      const stop = (this.#readers[property] as ValueReader)(bytes, at, end);
      if (stop === NOT_PROVEN) return false;
      this.#starts[property] = at;
      this.#ends[property] = stop;
      this.#loose[property] = line.loose ? 1 : 0;
      this.#tight[property] = at === valueAt && !line.loose ? 1 : 0;
      at = skipSpace(bytes, stop, end);
      if (at >= end) return false;
      const byte = bytes[at];
      at += 1;
      if (byte === CLOSING_BRACE) return this.#isWhole(bytes, at, end);
      if (byte !== COMMA) return false;
      at = skipSpace(bytes, at, end);
    }
  }

  #isWhole(bytes: Buffer, at: number, end: number): boolean {
    for (const property of this.#parts.required) if (this.#seen[property] !== this.#record) return false;
    return skipSpace(bytes, at, end) === end;
  }

  /** The property whose quoted name stands at `at`. */
  #findKey(bytes: Buffer, at: number, end: number): number {
    if (at >= end || bytes[at] !== QUOTE) return NOT_PROVEN;
    let stop = at + 1;
    while (stop < end && bytes[stop] !== QUOTE) stop += 1;
    // A key's length here is with its two quotes and a colon.
    const length = stop + 2 - at;
    for (const candidate of this.#byLength[length] ?? []) {
      const key = this.#keys[candidate] as Buffer;
      let same = 0;
      while (same < length - 1 && key[same] === bytes[at + same]) same += 1;
      if (same === length - 1 && stop < end) return candidate;
    }
    return NOT_PROVEN;
  }

  /** Bytes that `writeCells` takes at most for a line of this length. */
  cellBytesMax(lineBytes: number): number {
    return this.#headBytes + lineBytes;
  }

  /** Writes the canonical form without lineage; the index behind it. Never longer than the line. */
  writeCanonical(to: WordedBytes): number {
    const { bytes } = to;
    let at = 0;
    bytes[at++] = OPENING_BRACE;
    for (const { at: property, head } of this.#canonical) {
      if (this.#seen[property] !== this.#record) continue;
      if (at > 1) bytes[at++] = COMMA;
      const start = this.#starts[property] as number;
      const headBytes = head.bytes.length;
      if (this.#tight[property] === 1) {
        at = copyBytes(this.#from, start - headBytes + 1, this.#ends[property] as number, to, at);
      } else {
        at = copyBytes(head, 1, headBytes, to, at);
        at = this.#copyValue(property, to, at);
      }
    }
    bytes[at++] = CLOSING_BRACE;
    return at;
  }

  /** Writes every column as `,"name":cell`, in their order; the index behind them. */
  writeCells(to: WordedBytes, from: number): number {
    let at = from;
    /** Members that stand in the record as they are to be written, one behind the other, not yet copied. */
    let runStart = 0;
    let runEnd = 0;
    for (const { at: property, head, isInstant, isNamedAlike } of this.#cells) {
      const isThere = this.#seen[property] === this.#record;
      if (isThere && isNamedAlike && this.#tight[property] === 1) {
        // Its head is as long as its key in the record and the comma in front of that.
        const start = (this.#starts[property] as number) - head.bytes.length + 1;
        if (runEnd > 0 && start === runEnd + 1) {
          runEnd = this.#ends[property] as number;
          continue;
        }
        if (runEnd > 0) at = this.#copyRun(runStart, runEnd, to, at);
        runStart = start;
        runEnd = this.#ends[property] as number;
        continue;
      }
      if (runEnd > 0) at = this.#copyRun(runStart, runEnd, to, at);
      runEnd = 0;
      at = copyBytes(head, 0, head.bytes.length, to, at);
      if (!isThere) at = copyBytes(NULL, 0, NULL.bytes.length, to, at);
      else if (isInstant) at = this.#copyInstant(property, to, at);
      else at = this.#copyValue(property, to, at);
    }
    return runEnd > 0 ? this.#copyRun(runStart, runEnd, to, at) : at;
  }

  #copyRun(start: number, end: number, to: WordedBytes, at: number): number {
    to.bytes[at] = COMMA;
    return copyBytes(this.#from, start, end, to, at + 1);
  }

  /** The cell of the contract's event time; null where it has none. */
  eventTime(): string | null {
    const { eventTime } = this.#parts;
    if (eventTime === null || this.#seen[eventTime] !== this.#record) return null;
    const start = this.#starts[eventTime] as number;
    if (this.#from.bytes[start] === LOWER_N) return null;
    const length = this.#copyInstant(eventTime, this.#instant, 0);
    return this.#instant.bytes.toString('latin1', 1, length - 1);
  }

  readonly #instant = worded(Buffer.alloc(32));

  /** A value as its text stands; null where the record has none. */
  valueText(property: string): string | null {
    const at = this.#parts.properties.findIndex(({ name }) => name === property);
    if (at === -1 || this.#seen[at] !== this.#record) return null;
    return this.#from.bytes.toString('utf8', this.#starts[at], this.#ends[at]);
  }

  #copyValue(property: number, to: WordedBytes, at: number): number {
    const start = this.#starts[property] as number;
    const end = this.#ends[property] as number;
    return this.#loose[property] === 1
      ? copyCanonical(this.#from.bytes, start, end, to.bytes, at)
      : copyBytes(this.#from, start, end, to, at);
  }

  /** `"YYYY-MM-DDTHH:MM:SS[.f…]Z"` as `"YYYY-MM-DD HH:MM:SS.ffffff+00"`. */
  #copyInstant(property: number, to: WordedBytes, at: number): number {
    const start = this.#starts[property] as number;
    if (this.#from.bytes[start] === LOWER_N) return copyBytes(NULL, 0, NULL.bytes.length, to, at);
    // Quote, date, blank, time; the T of the record makes room for the blank.
    copyBytes(this.#from, start, start + 20, to, at);
    to.bytes[at + 11] = SPACE;
    const behind = copyBytes(TAIL, 0, TAIL.bytes.length, to, at + 20);
    const digits = (this.#ends[property] as number) - start - 23;
    if (digits > 0) copyBytes(this.#from, start + 21, start + 21 + digits, to, at + 21);
    return behind;
  }
}
