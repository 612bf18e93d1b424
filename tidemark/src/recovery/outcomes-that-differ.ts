import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { digestsEqual, EMPTY_DIGEST } from '../model/digest.ts';

const OUTCOMES = ['read', 'accepted', 'duplicate', 'out_of_window', 'quarantined', 'rejected'] as const;

type Digested = Pick<PreparedUnit, 'digests'>;

/** Outcome by outcome, what is another after than before, with its counts; empty where both came to the same records. */
export function outcomesThatDiffer(before: Digested, after: Digested): string[] {
  return OUTCOMES.flatMap((name) => {
    const [was = EMPTY_DIGEST, is = EMPTY_DIGEST] = [before.digests[name], after.digests[name]];
    if (digestsEqual(was, is)) return [];
    const same = was.count === is.count ? ' (other records)' : '';
    return [`${name} ${was.count} → ${is.count}${same}`];
  });
}
