import type { FileHandle } from 'node:fs/promises';

/** Reads pieces of one file. Nothing is held but the piece asked for. */
export interface PieceReader {
  readonly sizeBytes: number;
  /** The bytes from `offset` on, at most `length`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function pieceReader(handle: FileHandle, sizeBytes: number): PieceReader {
  const read = async (offset: number, length: number) => {
    const piece = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
    let filled = 0;
    while (filled < piece.length) {
      const { bytesRead } = await handle.read(piece, filled, piece.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return piece.subarray(0, filled);
  };
  return { sizeBytes, read };
}
