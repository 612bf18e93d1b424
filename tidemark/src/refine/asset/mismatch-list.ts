import type { Mismatch } from './mismatch.ts';

/** Collects the mismatches of one sidecar: the first ones in full, the number of the others. */
export class MismatchList {
  readonly #subject: string;
  readonly #keptMax: number;
  readonly #kept: Mismatch[] = [];
  #others = 0;

  constructor({ subject, keptMax }: { subject: string; keptMax: number }) {
    this.#subject = subject;
    this.#keptMax = keptMax;
  }

  add(mismatch: Omit<Mismatch, 'subject'>): void {
    if (this.#kept.length < this.#keptMax) this.#kept.push({ ...mismatch, subject: this.#subject });
    else this.#others += 1;
  }

  get all(): readonly Mismatch[] {
    if (this.#others === 0) return this.#kept;
    const rest = {
      rule: 'more_mismatches',
      subject: this.#subject,
      expected: 'none',
      received: `${this.#others} more`,
    } as const;
    return [...this.#kept, rest];
  }
}
