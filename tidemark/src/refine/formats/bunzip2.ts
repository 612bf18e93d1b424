import { readSync } from 'node:fs';
import Bunzip from 'seek-bzip';

/** Thrown where the input ends before the stream does. */
export class Bzip2Truncated extends Error {}

/**
 * The blocks of a bzip2 file, of all its streams one behind the other, each with its sum checked before it is given out.
 * A block is decoded at once, 900,000 bytes of it in 60 ms, and grows to 47 MB at most. The whole-file functions of the
 * library would hold up the process for as long as the file takes, so its block functions are used; the version is
 * pinned for that.
 */
export function* bunzip2(fd: number, chunkBytes: number): Generator<{ bytes: Buffer; consumed: number }> {
  const input = new Input(fd, chunkBytes);
  const output = new Output(chunkBytes);
  const bunzip = new Bunzip(input, output);
  for (;;) {
    if (bunzip._init_block()) {
      bunzip._read_bunzip();
      for (const bytes of output.take()) yield { bytes, consumed: input.consumed };
      continue;
    }
    if (bunzip.reader.read(32) >>> 0 !== bunzip.streamCRC) throw new Error('bad stream checksum');
    if (input.eof()) return;
    bunzip._start_bunzip(input, output);
  }
}

class Input {
  readonly #fd: number;
  readonly #buffer: Buffer;
  #filled = 0;
  #at = 0;
  #position = 0;

  constructor(fd: number, chunkBytes: number) {
    this.#fd = fd;
    this.#buffer = Buffer.allocUnsafe(chunkBytes);
  }

  get consumed(): number {
    return this.#position - this.#filled + this.#at;
  }

  eof(): boolean {
    if (this.#at < this.#filled) return false;
    this.#filled = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#position);
    this.#position += this.#filled;
    this.#at = 0;
    return this.#filled === 0;
  }

  readByte(): number {
    // The library would go on with ones for ever.
    if (this.eof()) throw new Bzip2Truncated();
    return this.#buffer[this.#at++] as number;
  }

  read(into: Buffer, offset: number, length: number): number {
    for (let index = 0; index < length; index += 1) into[offset + index] = this.readByte();
    return length;
  }
}

class Output {
  readonly #chunkBytes: number;
  #full: Buffer[] = [];
  #buffer: Buffer;
  #filled = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#buffer = Buffer.allocUnsafe(chunkBytes);
  }

  writeByte(byte: number): void {
    if (this.#filled === this.#buffer.length) {
      this.#full.push(this.#buffer);
      this.#buffer = Buffer.allocUnsafe(this.#chunkBytes);
      this.#filled = 0;
    }
    this.#buffer[this.#filled++] = byte;
  }

  take(): Buffer[] {
    const taken = [...this.#full, this.#buffer.subarray(0, this.#filled)];
    this.#full = [];
    this.#buffer = Buffer.allocUnsafe(this.#chunkBytes);
    this.#filled = 0;
    return taken;
  }
}
