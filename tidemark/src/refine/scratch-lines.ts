import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type WordedBytes, worded } from './worded-bytes.ts';

/** Held back before it is written. */
const WRITE_BYTES = 1024 * 1024;
/** UTF-8 takes at most this for one UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
const LF = 0x0a;
const NOTHING = worded(Buffer.allocUnsafe(0));

export interface ScratchRequest {
  readonly dir: string;
  /** File name without number and extension. */
  readonly name: string;
  /** Default: `ndjson`. */
  readonly extension?: string;
  /** Bytes after which the next line begins a new part; null for one part. */
  readonly partBytesMax: number | null;
}

/**
 * Lines of text in numbered parts, `<name>-00001.ndjson` first; a part begins with its first line, so that none is
 * empty. `add` only remembers: whoever adds asks `isDue` and awaits `write`, and so is held up by a slow disk. Where
 * parts end depends on the lines alone. Errors of the file system pass through as they are.
 */
export class ScratchLines {
  readonly #request: ScratchRequest;
  readonly #parts: string[] = [];
  #held: WordedBytes = NOTHING;
  #heldBytes = 0;
  #file: FileHandle | null = null;
  #partBytes = 0;
  #longestLineBytes = 0;

  constructor(request: ScratchRequest) {
    this.#request = request;
  }

  /** `line` without its newline. */
  add(line: string): void {
    // Encoded line by line: a rope of a mebibyte, flattened and encoded at once, took 5 µs a record longer.
    this.#makeRoom((line.length + 1) * UTF8_BYTES_MAX);
    const start = this.#heldBytes;
    this.#endLine(start, start + this.#held.bytes.write(line, start));
  }

  /** Adds the line that `write` puts into the bytes it is given, from the index it is given to the one that it returns. */
  addWritten(lineBytesMax: number, write: (to: WordedBytes, from: number) => number): void {
    this.#makeRoom(lineBytesMax + 1);
    const start = this.#heldBytes;
    this.#endLine(start, write(this.#held, start));
  }

  #endLine(start: number, end: number): void {
    this.#heldBytes = this.#held.bytes.writeUInt8(LF, end);
    this.#longestLineBytes = Math.max(this.#longestLineBytes, this.#heldBytes - start);
  }

  /** Of all parts, the newline included; 0 where nothing was added. */
  get longestLineBytes(): number {
    return this.#longestLineBytes;
  }

  get isDue(): boolean {
    const { partBytesMax } = this.#request;
    return (
      this.#heldBytes >= WRITE_BYTES ||
      (partBytesMax !== null && this.#partBytes + this.#heldBytes >= partBytesMax)
    );
  }

  #makeRoom(bytes: number): void {
    const needed = this.#heldBytes + bytes;
    if (needed <= this.#held.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * WRITE_BYTES, needed));
    this.#held.bytes.copy(larger, 0, 0, this.#heldBytes);
    this.#held = worded(larger);
  }

  async write(): Promise<void> {
    if (this.#heldBytes === 0) return;
    this.#file ??= await this.#openPart();
    await writeWhole(this.#file, this.#held.bytes.subarray(0, this.#heldBytes));
    this.#partBytes += this.#heldBytes;
    this.#heldBytes = 0;
    // What one very long line made of it is not kept.
    if (this.#held.bytes.length > 2 * WRITE_BYTES) this.#held = NOTHING;
    const { partBytesMax } = this.#request;
    if (partBytesMax !== null && this.#partBytes >= partBytesMax) await this.#closePart();
  }

  /** Writes what is left. The paths of the parts, in order. */
  async finish(): Promise<readonly string[]> {
    await this.write();
    await this.#closePart();
    return this.#parts;
  }

  /** Lets go of the file, whatever is left unwritten. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closePart();
  }

  async #openPart(): Promise<FileHandle> {
    const { dir, name, extension = 'ndjson' } = this.#request;
    const number = String(this.#parts.length + 1).padStart(5, '0');
    const path = join(dir, `${name}-${number}.${extension}`);
    const file = await open(path, 'w');
    this.#parts.push(path);
    this.#partBytes = 0;
    return file;
  }

  async #closePart(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}

/** A write may be cut short, by a disk that fills up for one; the next one then says why. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written);
    written += bytesWritten;
  }
}
