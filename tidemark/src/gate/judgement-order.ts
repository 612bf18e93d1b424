import type { Judgement } from '../manifest/source-manifest.ts';

/** From mild to severe. */
export const JUDGEMENTS: readonly Judgement[] = ['accept', 'warn', 'quarantine', 'reject'];

/** The most severe of them; `accept` where there is none. */
export function worstJudgement(judgements: Iterable<Judgement>): Judgement {
  let worst = 0;
  for (const judgement of judgements) worst = Math.max(worst, JUDGEMENTS.indexOf(judgement));
  return JUDGEMENTS[worst]!;
}
