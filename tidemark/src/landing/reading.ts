import type { FileHandle } from 'node:fs/promises';
import type { FileStat } from '../source/file/locate-source.ts';

export interface ReadBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly head: Uint8Array;
  /** Of the file that they were read from; null where they came otherwise. */
  readonly stat: FileStat | null;
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
  /** Nobody reads the whole copy soon: it need not be in the system's memory. */
  readonly uncached?: boolean;
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
  onBytes?(bytes: number): void;
}

/** A source that was opened to be read, and its size then. */
export interface OpenedSource {
  readonly source: FileHandle;
  readonly options: ReadOptions;
  readonly sizeBytes: number;
}
