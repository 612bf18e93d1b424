import type { FileHandle } from 'node:fs/promises';

/** What may wait to be written to the disk while more is copied. */
const UNSYNCED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Has a growing copy written to the disk while it grows, so that the sync at its end has little left to do. The system
 * tells of a failed write once: it is kept, and `finish` throws it.
 */
export class EarlySync {
  readonly #copy: FileHandle;
  #syncedBytes = 0;
  #syncing: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(copy: FileHandle) {
    this.#copy = copy;
  }

  /** So many bytes of it are there. */
  reached(sizeBytes: number): void {
    if (this.#syncing !== null || sizeBytes - this.#syncedBytes < UNSYNCED_BYTES_MAX) return;
    this.#syncedBytes = sizeBytes;
    this.#syncing = this.#sync();
  }

  /** Once everything is copied, or nothing more will be. */
  async finish(): Promise<void> {
    await this.#syncing;
    if (this.#failure !== null) throw this.#failure;
    await this.#copy.sync();
  }

  /** Until nothing is written on its behalf any more. */
  async settle(): Promise<void> {
    await this.#syncing;
  }

  async #sync(): Promise<void> {
    try {
      await this.#copy.datasync();
    } catch (error) {
      this.#failure ??= error;
    }
    this.#syncing = null;
  }
}
