import { type FileHandle, open } from 'node:fs/promises';
import type { Limits } from '../../../model/limits.ts';
import { type OverlongReader, overlongReader } from '../../overlong-line.ts';
import type { FaultyLine, LineBatch, ReadLine } from '../../split-lines.ts';
import { type ArrayFault, ElementScanner, pathOf } from './element-scanner.ts';

export interface ArrayRequest {
  readonly path: string;
  /** RFC 6901, through objects alone; empty where the document is the array. */
  readonly pointer: string;
  readonly limits: Pick<Limits, 'chunkBytes' | 'lineBytesMax'>;
  readonly signal: AbortSignal;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The elements of a JSON array as if each were a line: `number` is that of the element, from 1, and places are those of its
 * bytes. Where what stands between elements is no JSON, or the document ends before the array does, the rest is one fault,
 * so that nothing is left out without a word. Memory is bounded by the chunk and the longest element allowed.
 */
export async function* readArray({
  path,
  pointer,
  limits,
  signal,
}: ArrayRequest): AsyncGenerator<LineBatch<ReadLine>> {
  await using file = await open(path, 'r');
  const reader = new ArrayReader(limits, pointer);
  for (let atEnd = false; !atEnd; ) {
    signal.throwIfAborted();
    atEnd = (await reader.read(file)) === 0;
    yield reader.takeElements(atEnd);
  }
}

class ArrayReader {
  readonly #limits: ArrayRequest['limits'];
  readonly #scanner: ElementScanner;
  #buffer: Buffer;
  #filled = 0;
  #scanned = 0;
  #position = 0;
  #number = 0;
  /** Where the element that is open begins, in the file; null between elements. */
  #element: number | null = null;
  /** An element too long to hold, or the rest behind a fault. */
  #passed: OverlongReader | null = null;
  #fault: ArrayFault | null = null;

  constructor(limits: ArrayRequest['limits'], pointer: string) {
    this.#limits = limits;
    this.#scanner = new ElementScanner(pathOf(pointer));
    this.#buffer = Buffer.allocUnsafe(Math.max(limits.chunkBytes, BOM.length));
  }

  async read(file: FileHandle): Promise<number> {
    const { chunkBytes } = this.#limits;
    const isStart = this.#position === 0;
    let read = 0;
    do {
      this.#makeRoom();
      const { bytesRead } = await file.read(this.#buffer, this.#filled, chunkBytes, this.#position);
      if (bytesRead === 0) break;
      read += bytesRead;
      this.#filled += bytesRead;
      this.#position += bytesRead;
    } while (this.#position < BOM.length);
    if (isStart && this.#buffer.subarray(0, Math.min(this.#filled, BOM.length)).equals(BOM))
      this.#scanned = BOM.length;
    return read;
  }

  /** Keeps the element that is open. */
  #makeRoom(): void {
    const { chunkBytes } = this.#limits;
    const isHeld = this.#element !== null && this.#passed === null;
    const kept =
      this.#position === 0 || this.#scanned < this.#filled
        ? 0
        : isHeld
          ? this.#indexOf(this.#element ?? 0)
          : this.#filled;
    if (kept > 0) {
      this.#buffer.copyWithin(0, kept, this.#filled);
      this.#filled -= kept;
      this.#scanned -= kept;
    }
    const needed = this.#filled + chunkBytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#filled);
    this.#buffer = larger;
  }

  #indexOf(offset: number): number {
    return offset - (this.#position - this.#filled);
  }

  takeElements(atEnd: boolean): LineBatch<ReadLine> {
    const bytes = this.#buffer;
    const lines: ReadLine[] = [];
    const base = this.#position - this.#filled;
    let at = this.#scanned;
    for (; at < this.#filled && this.#fault === null; at += 1) {
      const step = this.#scanner.step(bytes[at] as number);
      if (step === 'on') continue;
      if (step === 'begins') this.#element = base + at;
      else if (step === 'ends') lines.push(this.#take(at + 1));
      else {
        // A number is over where something else begins, be it out of place.
        if (this.#element !== null) lines.push(this.#take(at));
        if (step === 'fault') this.#blame(this.#scanner.fault, base + at);
      }
      if (this.#fault !== null) break;
    }
    this.#scanned = this.#filled;
    this.#passOver(atEnd);
    if (atEnd) {
      const unended = this.#fault ?? this.#scanner.finish();
      if (unended !== null) lines.push(this.#rest(unended));
    }
    return { bytes, lines, blank: 0, position: this.#position };
  }

  #take(end: number): ReadLine {
    const offset = this.#element ?? 0;
    const start = this.#indexOf(offset);
    this.#element = null;
    this.#number += 1;
    const number = this.#number;
    if (this.#passed === null && end - start <= this.#limits.lineBytesMax)
      return { kind: 'held', number, offset, start, end };
    const passed = this.#passed ?? overlongReader(offset);
    this.#passed = null;
    passed.add(this.#buffer.subarray(Math.max(0, start), end));
    return { kind: 'overlong', number, offset, ...passed.finish(false) };
  }

  #blame(fault: ArrayFault | null, offset: number): void {
    this.#fault = fault;
    this.#element = offset;
  }

  /** Hashes what is not to be held: an element that is too long by now, and all that is behind a fault. */
  #passOver(atEnd: boolean): void {
    if (this.#element === null) return;
    const start = Math.max(0, this.#indexOf(this.#element));
    const isLong = this.#filled - start > this.#limits.lineBytesMax;
    if (this.#passed === null && !isLong && this.#fault === null && !atEnd) return;
    this.#passed ??= overlongReader(this.#element);
    this.#passed.add(this.#buffer.subarray(start, this.#filled));
    this.#filled = this.#scanned = 0;
  }

  #rest({ rule, expected }: ArrayFault): FaultyLine {
    const passed = this.#passed ?? overlongReader(this.#position);
    const received = this.#fault === null ? 'the end of the document' : 'something else';
    this.#number += 1;
    return {
      kind: 'faulty',
      number: this.#number,
      offset: passed.offset,
      ...passed.finish(false),
      violation: { rule, pointer: '', expected, received },
    };
  }
}
