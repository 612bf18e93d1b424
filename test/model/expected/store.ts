import type { Delivery } from './unit.ts';

/** Stored bytes. They are found by their receipt; those of a run that died between the two are strays. */
export class Store {
  readonly #received = new Set<string>();
  readonly #stored = new Set<string>();
  /** Bytes that nothing knows, as the last verification told. */
  strays: readonly string[] = [];

  keep({ text }: Delivery, how: 'recorded' | 'stored' | 'nothing'): void {
    if (how === 'recorded') this.#received.add(text);
    if (how === 'stored') this.#stored.add(text);
  }

  /** The successor of a run that died may record what that run stored: until then nothing is said of any. */
  verify({ awaited }: { awaited: boolean }): void {
    this.strays = awaited ? [] : [...this.#stored].filter((text) => !this.#received.has(text));
  }
}
