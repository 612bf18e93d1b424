import { incidentKey, type Symptom, type SymptomKind } from '../incident/symptom.ts';

export type CheckName =
  | 'raw objects'
  | 'receipts'
  | 'stored files'
  | 'snapshots'
  | 'data files'
  | 'rows'
  | 'cells'
  | 'duplicates'
  | 'keys'
  | 'newest versions'
  | 'catalog'
  | 'evidence'
  | 'intervals'
  | 'batches'
  | 'manifests';

export interface CheckCount {
  readonly name: CheckName;
  /** Of what the check is about: objects, files, rows, … */
  readonly checked: number;
  readonly found: number;
  /** What it could not look at, and why. */
  readonly note: string | null;
}

/** Symptoms of one kind that are kept; more are counted. Each is an incident of its own, and mended by few commands. */
const KEPT_PER_KIND = 1000;

/** Names a batch that could not be looked at. */
export function batchSubject(batch: { manifestId: string | null; batchId: string | null }): string {
  return JSON.stringify([batch.manifestId, batch.batchId]);
}

/** What the checks of one verification found, and what they could not look at. */
export class Findings {
  readonly #kept = new Map<string, Symptom>();
  readonly #perKind = new Map<SymptomKind, number>();
  readonly #checks = new Map<CheckName, { checked: number; found: number; notes: string[] }>();
  readonly #unseen = new Set<string>();

  /** A check has begun; it appears in the report even if it finds nothing to look at. */
  begin(check: CheckName): void {
    this.#of(check);
  }

  checked(check: CheckName, count = 1): void {
    this.#of(check).checked += count;
  }

  found(check: CheckName, symptom: Symptom): void {
    const key = incidentKey(symptom);
    if (this.#kept.has(key)) return;
    const count = (this.#perKind.get(symptom.kind) ?? 0) + 1;
    this.#perKind.set(symptom.kind, count);
    this.#of(check).found += 1;
    if (count <= KEPT_PER_KIND) this.#kept.set(key, symptom);
  }

  /** Nothing that was found of this (a table, a unit, a source) earlier is over because it was not found now. */
  couldNotSee(check: CheckName, subject: string, why: string): void {
    this.#unseen.add(subject);
    const { notes } = this.#of(check);
    if (notes.length < 3) notes.push(`${subject}: ${why}`);
  }

  hasSeen(subject: string): boolean {
    return !this.#unseen.has(subject);
  }

  /** Whether every symptom of a kind was kept, so that one that is not among them was not found. */
  isComplete(kind: SymptomKind): boolean {
    return (this.#perKind.get(kind) ?? 0) <= KEPT_PER_KIND;
  }

  get symptoms(): Symptom[] {
    return [...this.#kept.values()];
  }

  /** Of every kind, those that were not kept included. */
  get counts(): ReadonlyMap<SymptomKind, number> {
    return this.#perKind;
  }

  get checks(): CheckCount[] {
    return [...this.#checks].map(([name, { checked, found, notes }]) => ({
      name,
      checked,
      found,
      note: notes.length === 0 ? null : notes.join('; '),
    }));
  }

  #of(check: CheckName) {
    const known = this.#checks.get(check) ?? { checked: 0, found: 0, notes: [] };
    this.#checks.set(check, known);
    return known;
  }
}
