import type { DataEngine, OpenEngine } from '../bronze/data-engine.ts';
import { throwIfAway } from '../landing/store/away.ts';
import type { TableFacts } from './reconcile.ts';
import { unreadableAmong } from './unreadable-among.ts';
import { type EvidenceFiles, ROW_FILES, writeRows } from './write-evidence.ts';

type RowFile = (typeof ROW_FILES)[number];

/**
 * The rows that a folder repeats, as far as they can be read; each table is begun with while the next is read back. A file
 * of rows is written whole or not at all: one with a part of them would pass for evidence of all. What keeps it from being
 * written is told, for the verdict to count.
 */
export class RowFiles implements AsyncDisposable {
  readonly #open: OpenEngine;
  readonly #folder: string;
  #engine: DataEngine | null = null;
  #writing: Promise<void> = Promise.resolve();
  readonly #written = new Map<RowFile, EvidenceFiles>();
  readonly #unreadable: { uri: string; why: string }[] = [];

  constructor(open: OpenEngine, folder: string) {
    this.#open = open;
    this.#folder = folder;
  }

  /** A table of the run, read back. */
  take({ table, files, unreadable }: TableFacts): void {
    const file = ROW_FILES.find((entry) => entry.table === table);
    if (file === undefined || files.length === 0 || unreadable.length > 0) return;
    const uris = files.map(({ uri }) => uri);
    this.#writing = this.#writing.then(() => this.#write(file, uris));
    // Told by `finish`; until then a failure must not become an unhandled rejection.
    this.#writing.catch(() => undefined);
  }

  async finish(): Promise<{ listed: EvidenceFiles; unreadable: TableFacts['unreadable'] }> {
    await this.#writing;
    const listed = ROW_FILES.map((file) => this.#written.get(file));
    return { listed: Object.assign({}, ...listed), unreadable: this.#unreadable };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#engine?.[Symbol.asyncDispose]();
  }

  async #write(file: RowFile, files: readonly string[]): Promise<void> {
    this.#engine ??= await this.#open();
    const engine = this.#engine;
    const { name, orderBy } = file;
    try {
      this.#written.set(file, await writeRows(engine, { folder: this.#folder, name, files, orderBy }));
    } catch (error) {
      throwIfAway(error);
      const found = await unreadableAmong(engine, files);
      if (found.length === 0) throw error;
      this.#unreadable.push(...found);
    }
  }
}
