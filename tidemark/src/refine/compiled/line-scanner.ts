import { quoteJson } from '../../model/canonical-json.ts';
import {
  CLOSING_BRACE,
  COLON,
  COMMA,
  copyBytes,
  copyCanonical,
  LOWER_N,
  NOT_PROVEN,
  OPENING_BRACE,
  QUOTE,
  skipSpace,
} from './json-bytes.ts';
import type { Marks, ValueReader } from './value-readers.ts';

export interface ScannedProperty {
  readonly name: string;
  readonly read: ValueReader;
  /** Its column holds an instant, written in another form than the record has it. */
  readonly isInstant: boolean;
  readonly isLineage: boolean;
}

export interface ScannerParts {
  /** Where the readers leave word of what they met. */
  readonly marks: Marks;
  /** No name of these needs an escape. */
  readonly properties: readonly ScannedProperty[];
  readonly required: readonly number[];
  readonly cells: readonly { readonly name: string; readonly at: number }[];
  readonly eventTime: number | null;
}

/** What a cell takes at most beyond the bytes of its value: an instant grows by eleven, an absent value is `null`. */
const CELL_GROWTH_BYTES = 16;

const NULL = Buffer.from('null');
const TAIL = Buffer.from('.000000+00"');
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
  readonly #canonical: readonly { readonly at: number; readonly head: Buffer }[];
  readonly #cells: readonly {
    readonly at: number;
    readonly head: Buffer;
    readonly isInstant: boolean;
    /** The member of a record is the cell, where no space and no escape is in it. */
    readonly isNamedAlike: boolean;
  }[];
  readonly #headBytes: number;
  #record = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(parts: ScannerParts) {
    const { properties, cells } = parts;
    const head = (name: string) => Buffer.from(`,${quoteJson(name)}:`);
    this.#parts = parts;
    this.#readers = properties.map(({ read }) => read);
    this.#keys = properties.map(({ name }) => Buffer.from(`"${name}":`));
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
    this.#headBytes = this.#cells.reduce((sum, cell) => sum + cell.head.length + CELL_GROWTH_BYTES, 0);
  }

  prove(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#record += 1;
    const { marks } = this.#parts;
    const record = this.#record;
    let at = skipSpace(bytes, start, end);
    if (at >= end || bytes[at] !== OPENING_BRACE) return false;
    at = skipSpace(bytes, at + 1, end);
    let before = this.#readers.length;
    if (at < end && bytes[at] === CLOSING_BRACE) return this.#isWhole(bytes, at + 1, end);
    for (;;) {
      let property = this.#next[before] as number;
      const guess = this.#keys[property] as Buffer;
      let valueAt = NOT_PROVEN;
      if (this.#isKey(guess, bytes, at, end)) {
        at += guess.length;
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
      marks.loose = false;
      const stop = (this.#readers[property] as ValueReader)(bytes, at, end);
      if (stop === NOT_PROVEN) return false;
      this.#starts[property] = at;
      this.#ends[property] = stop;
      this.#loose[property] = marks.loose ? 1 : 0;
      this.#tight[property] = at === valueAt && !marks.loose ? 1 : 0;
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

  #isKey(key: Buffer, bytes: Buffer, at: number, end: number): boolean {
    if (at + key.length > end) return false;
    for (let same = 0; same < key.length; same += 1) if (key[same] !== bytes[at + same]) return false;
    return true;
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
  writeCanonical(to: Buffer): number {
    const bytes = this.#bytes;
    let at = 0;
    to[at++] = OPENING_BRACE;
    for (const { at: property, head } of this.#canonical) {
      if (this.#seen[property] !== this.#record) continue;
      if (at > 1) to[at++] = COMMA;
      const start = this.#starts[property] as number;
      if (this.#tight[property] === 1) {
        at = copyBytes(bytes, start - head.length + 1, this.#ends[property] as number, to, at);
      } else {
        at = copyBytes(head, 1, head.length, to, at);
        at = this.#copyValue(bytes, property, to, at);
      }
    }
    to[at++] = CLOSING_BRACE;
    return at;
  }

  /** Writes every column as `,"name":cell`, in their order; the index behind them. */
  writeCells(to: Buffer, from: number): number {
    const bytes = this.#bytes;
    let at = from;
    /** Members that stand in the record as they are to be written, one behind the other, not yet copied. */
    let runStart = 0;
    let runEnd = 0;
    for (const { at: property, head, isInstant, isNamedAlike } of this.#cells) {
      const isThere = this.#seen[property] === this.#record;
      if (isThere && isNamedAlike && this.#tight[property] === 1) {
        // Its head is as long as its key in the record and the comma in front of that.
        const start = (this.#starts[property] as number) - head.length + 1;
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
      at = copyBytes(head, 0, head.length, to, at);
      if (!isThere) at = copyBytes(NULL, 0, NULL.length, to, at);
      else if (isInstant) at = this.#copyInstant(property, to, at);
      else at = this.#copyValue(bytes, property, to, at);
    }
    return runEnd > 0 ? this.#copyRun(runStart, runEnd, to, at) : at;
  }

  #copyRun(start: number, end: number, to: Buffer, at: number): number {
    to[at] = COMMA;
    return copyBytes(this.#bytes, start, end, to, at + 1);
  }

  /** The cell of the contract's event time; null where it has none. */
  eventTime(): string | null {
    const { eventTime } = this.#parts;
    if (eventTime === null || this.#seen[eventTime] !== this.#record) return null;
    const start = this.#starts[eventTime] as number;
    if (this.#bytes[start] === LOWER_N) return null;
    const length = this.#copyInstant(eventTime, this.#instant, 0);
    return this.#instant.toString('latin1', 1, length - 1);
  }

  readonly #instant = Buffer.alloc(32);

  /** A value as its text stands; null where the record has none. */
  valueText(property: string): string | null {
    const at = this.#parts.properties.findIndex(({ name }) => name === property);
    if (at === -1 || this.#seen[at] !== this.#record) return null;
    return this.#bytes.toString('utf8', this.#starts[at], this.#ends[at]);
  }

  #copyValue(bytes: Buffer, property: number, to: Buffer, at: number): number {
    const start = this.#starts[property] as number;
    const end = this.#ends[property] as number;
    return this.#loose[property] === 1
      ? copyCanonical(bytes, start, end, to, at)
      : copyBytes(bytes, start, end, to, at);
  }

  /** `"YYYY-MM-DDTHH:MM:SS[.f…]Z"` as `"YYYY-MM-DD HH:MM:SS.ffffff+00"`. */
  #copyInstant(property: number, to: Buffer, from: number): number {
    const bytes = this.#bytes;
    const start = this.#starts[property] as number;
    const end = this.#ends[property] as number;
    if (bytes[start] === LOWER_N) return copyBytes(NULL, 0, NULL.length, to, from);
    // Quote, date, blank, time; the T of the record makes room for the blank.
    for (let index = 0; index < 20; index += 1) to[from + index] = bytes[start + index] as number;
    to[from + 11] = SPACE;
    const digits = end - start - 23;
    for (let index = 0; index < TAIL.length; index += 1) to[from + 20 + index] = TAIL[index] as number;
    for (let index = 0; index < digits; index += 1)
      to[from + 21 + index] = bytes[start + 21 + index] as number;
    return from + 20 + TAIL.length;
  }
}
