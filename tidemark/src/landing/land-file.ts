import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type FileStat, fileStat } from '../source/file/locate-source.ts';
import { makeFolder, storeError, syncFolder } from './durable-files.ts';

/** The first bytes of a file are kept for sniffing its type in the same pass. */
const HEAD_BYTES = 64 * 1024;

export interface ReadBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly head: Uint8Array;
  readonly stat: FileStat;
}

export type Reading =
  | { readonly kind: 'read'; readonly bytes: ReadBytes }
  /** Size, modification time or identity were another after reading than before: no sum of it would be true. */
  | { readonly kind: 'changed'; readonly before: FileStat; readonly after: FileStat }
  | Unreadable;

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
  /** What the system called it, such as `EIO`. */
  readonly errno: string | undefined;
}

export interface ReadOptions {
  readonly source: string;
  /** Where the copy goes; none when only the sum is wanted. */
  readonly copyTo: string | null;
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
  onBytes?(bytes: number): void;
}

/**
 * Streams a file once: hash, copy and the head for sniffing in one pass, one chunk being read while the one before is
 * hashed and written, so memory is two chunks whatever the size. The copy is synced before this returns; a copy of a
 * reading that failed is removed.
 * @throws TransientError when our own store fails; AbortError when cancelled. A failing source is a `Reading`.
 */
export async function readSource(options: ReadOptions): Promise<Reading> {
  let source: FileHandle;
  try {
    source = await open(options.source, 'r');
  } catch (error) {
    return unreadable(error);
  }
  try {
    const before = fileStat(await source.stat({ bigint: true }));
    const passed = await pass({ source, options });
    if (passed.kind === 'unreadable') return passed;
    const after = fileStat(await source.stat({ bigint: true }));
    if (!sameStat(before, after) || passed.sizeBytes !== after.sizeBytes) {
      await discard(options.copyTo);
      return { kind: 'changed', before, after };
    }
    return { kind: 'read', bytes: { ...passed, stat: after } };
  } catch (error) {
    await discard(options.copyTo);
    throw options.copyTo === null ? error : storeError(error, options.copyTo);
  } finally {
    await source.close();
  }
}

type Pass = { kind: 'passed'; sha256: string; sizeBytes: number; head: Uint8Array } | Unreadable;

function unreadable(error: unknown): Unreadable {
  return {
    kind: 'unreadable',
    reason: (error as Error).message,
    errno: (error as NodeJS.ErrnoException).code,
  };
}

async function pass({ source, options }: { source: FileHandle; options: ReadOptions }): Promise<Pass> {
  const hash = createHash('sha256');
  const head = Buffer.alloc(HEAD_BYTES);
  let headBytes = 0;
  let sizeBytes = 0;
  if (options.copyTo !== null) await makeFolder(dirname(options.copyTo));
  const copy = options.copyTo === null ? null : await open(options.copyTo, 'w');
  try {
    const buffers = [Buffer.allocUnsafe(options.chunkBytes), Buffer.allocUnsafe(options.chunkBytes)] as const;
    let turn: 0 | 1 = 0;
    let reading = readInto({ source, buffer: buffers[turn], position: 0 });
    for (;;) {
      options.signal.throwIfAborted();
      const got = await reading;
      if (got.kind === 'unreadable') {
        await discard(options.copyTo);
        return got;
      }
      if (got.bytes === 0) break;
      const chunk = buffers[turn].subarray(0, got.bytes);
      turn = turn === 0 ? 1 : 0;
      const position = sizeBytes;
      sizeBytes += chunk.length;
      reading = readInto({ source, buffer: buffers[turn], position: sizeBytes });
      const writing = copy === null ? null : writeAll({ copy, chunk, position });
      // Both are awaited below; a failed write must not become an unhandled rejection while the hash runs.
      writing?.catch(() => undefined);
      hash.update(chunk);
      if (headBytes < HEAD_BYTES) headBytes += chunk.copy(head, headBytes);
      await writing;
      options.onBytes?.(chunk.length);
    }
    await copy?.sync();
  } finally {
    await copy?.close();
  }
  if (options.copyTo !== null) await syncFolder(dirname(options.copyTo));
  return { kind: 'passed', sha256: hash.digest('hex'), sizeBytes, head: head.subarray(0, headBytes) };
}

async function readInto({
  source,
  buffer,
  position,
}: {
  source: FileHandle;
  buffer: Buffer;
  position: number;
}) {
  try {
    const { bytesRead } = await source.read(buffer, 0, buffer.length, position);
    return { kind: 'bytes', bytes: bytesRead } as const;
  } catch (error) {
    return unreadable(error);
  }
}

async function writeAll({ copy, chunk, position }: { copy: FileHandle; chunk: Buffer; position: number }) {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await copy.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode;
}

async function discard(path: string | null): Promise<void> {
  if (path !== null) await rm(path, { force: true });
}
