import { TidemarkError } from '../errors/tidemark-error.ts';

/** One thing that a run needs, looked at. */
export interface Examined {
  readonly name: string;
  /** `doubtful`: a run would go, and a person should look all the same. */
  readonly verdict: 'good' | 'doubtful' | 'bad';
  /** One sentence, with figures. */
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly next: string | null;
}

export type Finding = Omit<Examined, 'name'>;

export function good(message: string): Finding {
  return { verdict: 'good', message, next: null };
}

export function doubtful(message: string, next: string): Finding {
  return { verdict: 'doubtful', message, next };
}

export function bad(message: string, next: string): Finding {
  return { verdict: 'bad', message, next };
}

/** What went wrong while looking is what was found. */
export function faultFound(error: unknown): Finding {
  if (error instanceof TidemarkError) return bad(`${error.code} ${error.message}`, error.next);
  return bad((error as Error).message, 'Mend what the message names, then: tidemark doctor');
}
