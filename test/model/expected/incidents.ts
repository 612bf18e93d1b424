import { type BatchName, isOf, type SourceName, type Window } from '../names.ts';

export type IncidentKind =
  | 'duplicate_without_keeper'
  | 'source_not_received'
  | 'source_contradicts_manifest'
  | 'batch_unfinished'
  | 'interval_hole'
  | 'contract_drift';

/** Of what a source was found to be by a run that took it. */
export interface Finding {
  readonly kind: 'source_not_received' | 'source_contradicts_manifest';
  /** The verb that mends it. */
  readonly verb: string;
}

interface Incident extends BatchName {
  readonly kind: IncidentKind;
  readonly source: SourceName | null;
  /** What tells it from others of its kind about the same. */
  readonly distinction?: string;
  /** Of a hole. */
  readonly missing?: Window;
  verb: string;
  state: 'open' | 'mending';
}

/** What is open: opened by who finds it, mending once what should mend it was done, over once looked for and not found. */
export class Incidents {
  #known: Incident[] = [];

  open(found: Omit<Incident, 'state'>): void {
    this.#known = [...this.#known.filter((one) => !isSame(one, found)), { ...found, state: 'open' }];
  }

  /** Resolves those that were looked for and not found. */
  resolve(covers: (incident: Incident) => boolean): void {
    this.#known = this.#known.filter((incident) => !covers(incident));
  }

  mend(of: BatchName, verb: string): void {
    for (const incident of this.of(of)) if (incident.verb === verb) incident.state = 'mending';
  }

  of(of: BatchName): Incident[] {
    return this.#known.filter((one) => isOf(one, of));
  }

  isOpen(of: BatchName, kind: IncidentKind): boolean {
    return this.of(of).some((one) => one.kind === kind && one.state === 'open');
  }

  all(): readonly Incident[] {
    return this.#known;
  }
}

type Subject = Pick<Incident, 'kind' | 'manifest' | 'batch' | 'source' | 'distinction'>;

function isSame(a: Subject, b: Subject): boolean {
  return (['kind', 'manifest', 'batch', 'source', 'distinction'] as const).every(
    (name) => a[name] === b[name],
  );
}
