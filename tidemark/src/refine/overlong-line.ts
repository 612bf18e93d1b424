import { fingerprintStream } from './fingerprint.ts';

const CR = 0x0d;
const ONE_CR = Uint8Array.of(CR);

/** Reads past a line too long to hold, hashing and counting its payload. */
export interface OverlongReader {
  readonly offset: number;
  add(piece: Uint8Array): void;
  /** `terminated` by LF: a CR in front of that belongs to the terminator, at the end of the file it does not. */
  finish(terminated: boolean): { readonly length: number; readonly fingerprint: string };
}

export function overlongReader(offset: number): OverlongReader {
  const stream = fingerprintStream();
  let length = 0;
  let crHeldBack = false;

  const take = (piece: Uint8Array) => {
    stream.update(piece);
    length += piece.length;
  };

  return {
    offset,
    add(piece) {
      if (piece.length === 0) return;
      if (crHeldBack) take(ONE_CR);
      crHeldBack = piece.at(-1) === CR;
      take(crHeldBack ? piece.subarray(0, -1) : piece);
    },
    finish(terminated) {
      if (crHeldBack && !terminated) take(ONE_CR);
      return { length, fingerprint: stream.finish() };
    },
  };
}
