import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../landing/home.ts';

/** Where the bytes of a record are. */
export interface PayloadPlace {
  /** Below the home: `raw/sha256/…`. */
  readonly ref: string;
  readonly offset: number;
  readonly length: number;
}

export type Payload =
  | {
      readonly kind: 'read';
      readonly bytes: Uint8Array;
      /** What was left out because of the bound. */
      readonly omittedBytes: number;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Read at once: neighbouring rejections of one source come from one read, scattered ones cost little more. */
const WINDOW_BYTES = 64 * 1024;
const EMPTY_WINDOW = { start: 0, bytes: Buffer.alloc(0) };

/**
 * Reads record payloads from stored objects. Made for places in the order of object and offset: one file is open and
 * one window is held at a time, whatever their number.
 */
export class PayloadReader implements AsyncDisposable {
  readonly #home: Home;
  readonly #bytesMax: number;
  #open: { readonly ref: string; readonly file: FileHandle } | null = null;
  #window: { readonly start: number; readonly bytes: Buffer } = EMPTY_WINDOW;

  constructor({ home, bytesMax }: { home: Home; bytesMax: number }) {
    this.#home = home;
    this.#bytesMax = bytesMax;
  }

  async read({ ref, offset, length }: PayloadPlace): Promise<Payload> {
    const wanted = Math.min(length, this.#bytesMax);
    try {
      const bytes = await this.#bytes({ ref, offset, length: wanted });
      if (bytes.length < wanted) {
        return { kind: 'unavailable', reason: `${ref} ends before byte ${offset + wanted}` };
      }
      return { kind: 'read', bytes, omittedBytes: length - wanted };
    } catch (error) {
      return { kind: 'unavailable', reason: (error as Error).message };
    }
  }

  /** The bytes from an offset to the end of its line, where no length was recorded. */
  async readLine({ ref, offset }: Omit<PayloadPlace, 'length'>): Promise<Payload> {
    try {
      for (let length = WINDOW_BYTES; ; length = Math.min(length * 4, this.#bytesMax)) {
        const bytes = await this.#bytes({ ref, offset, length });
        const end = bytes.indexOf(0x0a);
        const whole = end !== -1 || bytes.length < length || length >= this.#bytesMax;
        if (whole)
          return { kind: 'read', bytes: end === -1 ? bytes : bytes.subarray(0, end), omittedBytes: 0 };
      }
    } catch (error) {
      return { kind: 'unavailable', reason: (error as Error).message };
    }
  }

  async #bytes({ ref, offset, length }: PayloadPlace): Promise<Buffer> {
    if (this.#open?.ref !== ref) {
      await this.#close();
      this.#open = { ref, file: await open(join(this.#home.dir, ref), 'r') };
    }
    const { start, bytes } = this.#window;
    if (offset < start || offset + length > start + bytes.length) {
      this.#window = {
        start: offset,
        bytes: await readAt({ file: this.#open.file, offset, length: Math.max(length, WINDOW_BYTES) }),
      };
    }
    const from = offset - this.#window.start;
    return this.#window.bytes.subarray(from, from + length);
  }

  async #close(): Promise<void> {
    await this.#open?.file.close();
    this.#open = null;
    this.#window = EMPTY_WINDOW;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** Shorter than asked at the end of the file. */
async function readAt({
  file,
  offset,
  length,
}: {
  file: FileHandle;
  offset: number;
  length: number;
}): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
