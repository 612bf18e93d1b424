import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { RandomAccessReader } from 'yauzl';

const PIECE_BYTES = 64 * 1024;

/**
 * What the library reads an archive through. Places come from the archive, so they may be anything: one that is not in
 * the file is an error of the archive, where the library's own reader has the process ended by it.
 */
export function archiveReader(
  { RandomAccessReader: Base }: typeof import('yauzl'),
  { file, sizeBytes }: { file: FileHandle; sizeBytes: number },
): RandomAccessReader {
  const isInside = (start: number, end: number) =>
    Number.isSafeInteger(start) && start >= 0 && end >= start && end <= sizeBytes;

  async function* range(start: number, end: number): AsyncGenerator<Buffer> {
    if (!isInside(start, end)) throw beyond();
    for (let at = start; at < end; ) {
      const wanted = Math.min(PIECE_BYTES, end - at);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
      if (bytesRead === 0) throw beyond();
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  return new (class extends Base {
    override _readStreamForRange(start: number, end: number): Readable {
      return Readable.from(range(start, end), { objectMode: false });
    }

    override read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      if (!isInside(position, position + length)) setImmediate(callback, beyond());
      else
        void file.read(buffer, offset, length, position).then(
          // Out of the promise: what the library throws is its own, and not the failure of this reading.
          ({ bytesRead }) => setImmediate(callback, null, bytesRead),
          (error: Error) => setImmediate(callback, error),
        );
    }

    override close(callback: (error: Error | null) => void): void {
      setImmediate(callback, null);
    }
  })();
}

function beyond(): Error {
  return new Error('a place in it that is beyond its end');
}
