import { type FileHandle, open } from 'node:fs/promises';
import type { Violation } from '../contract/contract.ts';
import type { Limits } from '../model/limits.ts';
import type { LineRange } from './line-ranges.ts';
import { type OverlongReader, overlongReader } from './overlong-line.ts';

/** A line within `LineBatch.bytes`, without its terminator. */
export interface HeldLine {
  readonly kind: 'held';
  /** 1-based; blank and over-long lines are numbered too. */
  readonly number: number;
  /** Byte offset of the payload in the file. */
  readonly offset: number;
  /** The payload is `bytes.subarray(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Of what the record is written as in its source, where the payload was made of that. */
  readonly length?: number;
}

/** A line longer than `lineBytesMax`: read past, never held whole. */
export interface OverlongLine {
  readonly kind: 'overlong';
  readonly number: number;
  readonly offset: number;
  /** Bytes of the payload, without its terminator. */
  readonly length: number;
  /** Of the payload, as `fingerprintOfBytes` would give it. */
  readonly fingerprint: string;
}

/** What stands where a record should and is none, known before it is parsed. */
export interface FaultyLine {
  readonly kind: 'faulty';
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly fingerprint: string;
  readonly violation: Violation;
}

export type ReadLine = HeldLine | OverlongLine | FaultyLine;

/** The lines that one read completed. Good until the next batch is asked for: its bytes are then written over. */
export interface LineBatch<Line extends ReadLine = HeldLine | OverlongLine> {
  readonly bytes: Buffer;
  /** In the order of the file, blank lines left out. */
  readonly lines: readonly Line[];
  /** How many lines held nothing but JSON whitespace. An over-long line is never blank. */
  readonly blank: number;
  /** Bytes of the file read so far. */
  readonly position: number;
}

export interface SplitRequest {
  readonly path: string;
  readonly limits: Pick<Limits, 'chunkBytes' | 'lineBytesMax'>;
  readonly signal: AbortSignal;
  /** The lines that begin in this stretch alone; all of them where it is absent or null. */
  readonly range?: LineRange | null;
}

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of a file in batches, one per read. LF and CRLF end a line, a CR alone does not; the last line needs no
 * terminator; a UTF-8 byte order mark at the start belongs to no line. Memory is bounded by the chunk and the longest
 * line allowed, whatever the file holds. The lines depend on the bytes alone, never on how the reads cut them, nor on
 * the stretches by which they are asked for.
 */
export async function* splitLines({ path, limits, signal, range }: SplitRequest): AsyncGenerator<LineBatch> {
  await using file = await open(path, 'r');
  const splitter = new Splitter(limits, range ?? null);
  await splitter.readStart(file);
  for (let isDone = false; !isDone; ) {
    signal.throwIfAborted();
    const atEnd = (await splitter.read(file)) === 0;
    yield splitter.takeLines(atEnd);
    isDone = atEnd || splitter.isBeyondRange;
  }
}

class Splitter {
  readonly #limits: SplitRequest['limits'];
  #buffer: Buffer;
  /** `buffer[#taken..#filled)` was read and not yet given out: the beginning of one line, without an LF. */
  #taken = 0;
  #filled = 0;
  /** No LF stands in `buffer[#taken..#searched)`: a long line is searched once, however many reads it takes. */
  #searched = 0;
  /** File offset of `buffer[#filled]`. */
  #position: number;
  #number: number;
  #overlong: OverlongReader | null = null;

  /** A line that begins here or later belongs to others. */
  readonly #end: number;
  /** What was read is the end of a line that began before the range. */
  #skipping: boolean;

  constructor(limits: SplitRequest['limits'], range: LineRange | null) {
    const start = range?.start ?? 0;
    this.#limits = limits;
    this.#end = range?.end ?? Number.POSITIVE_INFINITY;
    this.#skipping = start > 0;
    // A line begins behind an LF, which may be the last byte before the range.
    this.#position = Math.max(0, start - 1);
    this.#number = (range?.firstLine ?? 1) - 1;
    this.#buffer = Buffer.allocUnsafe(Math.max(limits.chunkBytes, BOM.length));
  }

  /** Reads up to a byte order mark's length and forgets it if it is one. */
  async readStart(file: FileHandle): Promise<void> {
    if (this.#skipping) return;
    while (this.#filled < BOM.length) {
      const { bytesRead } = await file.read(
        this.#buffer,
        this.#filled,
        BOM.length - this.#filled,
        this.#position,
      );
      if (bytesRead === 0) break;
      this.#filled += bytesRead;
      this.#position += bytesRead;
    }
    if (this.#buffer.subarray(0, this.#filled).equals(BOM)) this.#taken = this.#filled;
  }

  async read(file: FileHandle): Promise<number> {
    this.#makeRoom();
    const { bytesRead } = await file.read(
      this.#buffer,
      this.#filled,
      this.#limits.chunkBytes,
      this.#position,
    );
    this.#filled += bytesRead;
    this.#position += bytesRead;
    return bytesRead;
  }

  /** Moves the unfinished line to the front, and doubles the buffer where that is not enough. */
  #makeRoom(): void {
    const { chunkBytes, lineBytesMax } = this.#limits;
    if (this.#taken > 0) {
      this.#buffer.copyWithin(0, this.#taken, this.#filled);
      this.#filled -= this.#taken;
      this.#searched = Math.max(0, this.#searched - this.#taken);
      this.#taken = 0;
    }
    const needed = this.#filled + chunkBytes;
    if (needed <= this.#buffer.length) return;
    // An unfinished line is at most lineBytesMax and a CR, or it is being read past.
    const larger = Buffer.allocUnsafe(
      Math.max(needed, Math.min(this.#buffer.length * 2, lineBytesMax + 1 + chunkBytes)),
    );
    this.#buffer.copy(larger, 0, 0, this.#filled);
    this.#buffer = larger;
  }

  takeLines(atEnd: boolean): LineBatch {
    const lines: (HeldLine | OverlongLine)[] = [];
    const bytes = this.#buffer;
    const unread = bytes.subarray(0, this.#filled);
    let blank = 0;

    const take = (stop: number) => {
      const line = this.#takeLine(stop);
      if (line === null) blank += 1;
      else lines.push(line);
    };

    if (this.#skipping) this.#skipLine(unread);
    let lf = unread.indexOf(LF, Math.max(this.#taken, this.#searched));
    while (lf !== -1 && !this.isBeyondRange) {
      take(lf);
      lf = unread.indexOf(LF, this.#taken);
    }
    this.#searched = this.#filled;

    if (this.isBeyondRange) {
      // What follows is not of this range.
    } else if (atEnd) {
      if (this.#overlong !== null || this.#taken < this.#filled) take(this.#filled);
    } else if (this.#overlong !== null || this.#filled - this.#taken > this.#limits.lineBytesMax + 1) {
      this.#overlong ??= overlongReader(this.#offsetOf(this.#taken));
      this.#overlong.add(unread.subarray(this.#taken));
      this.#taken = this.#filled;
    }
    return { bytes, lines, blank, position: this.#position };
  }

  #skipLine(unread: Buffer): void {
    const lf = unread.indexOf(LF, this.#taken);
    this.#skipping = lf === -1;
    this.#taken = lf === -1 ? this.#filled : lf + 1;
  }

  /** The next line, if there is one, begins beyond the range. */
  get isBeyondRange(): boolean {
    if (this.#overlong !== null) return false;
    const next = this.#offsetOf(this.#taken);
    // The first line of the file begins behind a byte order mark, wherever its range ends.
    const isFirst = this.#number === 0 && next <= BOM.length;
    return next >= this.#end && !isFirst;
  }

  /** `stop` is where the line's LF stands, or the end of the file. Null for a blank line. */
  #takeLine(stop: number): HeldLine | OverlongLine | null {
    const bytes = this.#buffer;
    const start = this.#taken;
    const terminated = stop < this.#filled;
    this.#taken = terminated ? stop + 1 : stop;
    this.#number += 1;
    const number = this.#number;

    const end = terminated && stop > start && bytes[stop - 1] === CR ? stop - 1 : stop;
    if (this.#overlong !== null || end - start > this.#limits.lineBytesMax) {
      const overlong = this.#overlong ?? overlongReader(this.#offsetOf(start));
      this.#overlong = null;
      overlong.add(bytes.subarray(start, stop));
      return { kind: 'overlong', number, offset: overlong.offset, ...overlong.finish(terminated) };
    }
    if (isBlank(bytes, start, end)) return null;
    return { kind: 'held', number, offset: this.#offsetOf(start), start, end };
  }

  #offsetOf(index: number): number {
    return this.#position - this.#filled + index;
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index];
    if (byte !== 0x20 && byte !== 0x09 && byte !== CR && byte !== LF) return false;
  }
  return true;
}
