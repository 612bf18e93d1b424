import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Unreadable } from './reading.ts';

/** The first bytes of a file are kept for sniffing its type in the same pass. */
const HEAD_BYTES = 64 * 1024;

export interface Passed {
  readonly kind: 'passed';
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly head: Uint8Array;
}

export type Pass = Passed | Unreadable;

/** What is gathered of bytes that go by in order: their sum, their number, their beginning. */
export class Gathered {
  readonly #hash: Hash = createHash('sha256');
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  sizeBytes = 0;

  take(chunk: Buffer): void {
    this.#hash.update(chunk);
    if (this.#headBytes < HEAD_BYTES) this.#headBytes += chunk.copy(this.#head, this.#headBytes);
    this.sizeBytes += chunk.length;
  }

  pass(): Passed {
    const head = this.#head.subarray(0, this.#headBytes);
    return { kind: 'passed', sha256: this.#hash.digest('hex'), sizeBytes: this.sizeBytes, head };
  }
}

export interface Passing {
  readonly source: FileHandle;
  /** Read into in turns, and filled wherever the file does not end. */
  readonly buffers: readonly [Buffer, Buffer];
  readonly signal: AbortSignal;
  onBytes?(bytes: number): void;
  /** Copies what was read; it is hashed meanwhile, and the buffer is not touched before this resolves. */
  write?(chunk: Buffer, position: number): Promise<void>;
}

/** Reads a file to its end, one chunk being read while the one before is hashed and written. */
export async function passBytes({ source, buffers, signal, onBytes, write }: Passing): Promise<Pass> {
  const gathered = new Gathered();
  let turn: 0 | 1 = 0;
  let reading = fill({ source, buffer: buffers[turn], position: 0 });
  for (;;) {
    signal.throwIfAborted();
    const got = await reading;
    if (got.kind === 'unreadable') return got;
    if (got.bytes === 0) return gathered.pass();
    const chunk = buffers[turn].subarray(0, got.bytes);
    turn = turn === 0 ? 1 : 0;
    const position = gathered.sizeBytes;
    reading = fill({ source, buffer: buffers[turn], position: position + chunk.length });
    const writing = write?.(chunk, position);
    // Both are awaited below; a failed write must not become an unhandled rejection while the hash runs.
    writing?.catch(() => undefined);
    gathered.take(chunk);
    await writing;
    onBytes?.(chunk.length);
  }
}

export function plainBuffers(bytes: number): readonly [Buffer, Buffer] {
  return [Buffer.allocUnsafe(bytes), Buffer.allocUnsafe(bytes)];
}

export function unreadable(error: unknown): Unreadable {
  return {
    kind: 'unreadable',
    reason: (error as Error).message,
    errno: (error as NodeJS.ErrnoException).code,
  };
}

async function fill({ source, buffer, position }: { source: FileHandle; buffer: Buffer; position: number }) {
  try {
    let bytes = 0;
    while (bytes < buffer.length) {
      const { bytesRead } = await source.read(buffer, bytes, buffer.length - bytes, position + bytes);
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    return { kind: 'bytes', bytes } as const;
  } catch (error) {
    return unreadable(error);
  }
}

export async function writeAll(
  copy: FileHandle,
  { chunk, position }: { chunk: Buffer; position: number },
): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await copy.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
