import { isAhead } from './advance.ts';

export type ProgressObject = 'checkpoint' | 'cursor' | 'watermark' | 'verified';

export type MoveCause = 'commit' | 'operator' | 'verification';

/**
 * Whether an object of progress moves:
 *
 * | | a commit of run, retry, rerun | a commit of replay, backfill | an operator | a verification |
 * |---|---|---|---|---|
 * | checkpoint | to what was committed | to what was committed | never | never |
 * | cursor, watermark | forward | never | anywhere | never |
 * | verified | never | never | never | to what is proven, back too |
 *
 * `forward` is whether the commit is of the first kind; none is that is of a backfill's batch, whatever its verb. Pure.
 */
export function moves(move: {
  readonly object: ProgressObject;
  readonly cause: MoveCause;
  readonly forward: boolean;
  readonly before: string | null;
  readonly after: string;
}): boolean {
  const { object, cause, forward, before, after } = move;
  if (before === after) return false;
  const reads = object === 'cursor' || object === 'watermark';
  switch (cause) {
    case 'commit':
      return object === 'checkpoint' || (reads && forward && isAhead(after, before));
    case 'operator':
      return reads;
    case 'verification':
      return object === 'verified';
  }
}
