import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What a path holds, or why its bytes cannot be had. */
export type BoundedBytes =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' | 'not_regular' | 'too_large' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Reads a regular file of at most `bytesMax` bytes. A pipe or a device is never read: it may have no end. */
export async function readBounded(path: string, bytesMax: number): Promise<BoundedBytes> {
  try {
    // Opening a pipe for reading waits for a writer; O_NONBLOCK does not wait and changes nothing for a file.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return { kind: 'not_regular' };
    const chunks: Uint8Array[] = [];
    let length = 0;
    // One byte more than allowed is asked for: the size is not trusted, a file can grow while it is read.
    for await (const chunk of file.createReadStream({ end: bytesMax, autoClose: false })) {
      chunks.push(chunk);
      length += chunk.length;
    }
    return length > bytesMax ? { kind: 'too_large' } : { kind: 'bytes', bytes: Buffer.concat(chunks) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unreadable', why: code ?? message };
  }
}
