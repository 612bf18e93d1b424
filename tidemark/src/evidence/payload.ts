import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { decodingOfUnit, openPlaced, type PlacedBytes } from './placed-bytes.ts';

/** Where the bytes of a record are. */
export interface PayloadPlace {
  /** Below the home: `raw/sha256/…`. */
  readonly ref: string;
  /** The unit that the record was refined in: it says how the object is decoded. */
  readonly unitKey: string;
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
 * Reads record payloads from stored objects. Made for places in the order of object and offset: one object is open and
 * one window is held at a time, whatever their number; a decoded stream is then decoded once.
 */
export class PayloadReader implements AsyncDisposable {
  readonly #archive: Pick<Archive, 'home' | 'catalog' | 'limits' | 'signal'>;
  readonly #bytesMax: number;
  #open: { readonly ref: string; readonly unitKey: string; readonly placed: PlacedBytes } | null = null;
  #window: { readonly start: number; readonly bytes: Buffer } = EMPTY_WINDOW;

  constructor(archive: Pick<Archive, 'home' | 'catalog' | 'limits' | 'signal'>) {
    this.#archive = archive;
    this.#bytesMax = archive.limits.lineBytesMax;
  }

  async read({ ref, unitKey, offset, length }: PayloadPlace): Promise<Payload> {
    const wanted = Math.min(length, this.#bytesMax);
    try {
      const bytes = await this.#bytes({ ref, unitKey, offset, length: wanted });
      if (bytes.length < wanted) {
        return { kind: 'unavailable', reason: `${ref} ends before byte ${offset + wanted}` };
      }
      return { kind: 'read', bytes, omittedBytes: length - wanted };
    } catch (error) {
      return { kind: 'unavailable', reason: (error as Error).message };
    }
  }

  /** The bytes from an offset to the end of its line, where no length was recorded. */
  async readLine(place: Omit<PayloadPlace, 'length'>): Promise<Payload> {
    try {
      for (let length = WINDOW_BYTES; ; length = Math.min(length * 4, this.#bytesMax)) {
        const bytes = await this.#bytes({ ...place, length });
        const end = bytes.indexOf(0x0a);
        const whole = end !== -1 || bytes.length < length || length >= this.#bytesMax;
        if (whole)
          return { kind: 'read', bytes: end === -1 ? bytes : bytes.subarray(0, end), omittedBytes: 0 };
      }
    } catch (error) {
      return { kind: 'unavailable', reason: (error as Error).message };
    }
  }

  async #bytes({ ref, unitKey, offset, length }: PayloadPlace): Promise<Buffer> {
    if (this.#open?.ref !== ref || this.#open.unitKey !== unitKey) {
      await this.#close();
      const path = join(this.#archive.home.storeDir, ref);
      const decoding = await decodingOfUnit(this.#archive.catalog, unitKey);
      this.#open = { ref, unitKey, placed: await openPlaced({ ...this.#archive, path, decoding }) };
    }
    const { start, bytes } = this.#window;
    if (offset < start || offset + length > start + bytes.length) {
      this.#window = {
        start: offset,
        bytes: await this.#open.placed.read({ offset, length: Math.max(length, WINDOW_BYTES) }),
      };
    }
    const from = offset - this.#window.start;
    return this.#window.bytes.subarray(from, from + length);
  }

  async #close(): Promise<void> {
    await this.#open?.placed.close();
    this.#open = null;
    this.#window = EMPTY_WINDOW;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
