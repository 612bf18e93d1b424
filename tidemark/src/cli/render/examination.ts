import type { Examination } from '../../doctor/examine.ts';
import type { Examined } from '../../doctor/finding.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

const SIGNS: Readonly<Record<Examined['verdict'], string>> = { good: '✓', doubtful: '!', bad: '✗' };

/** One line for each thing, and under what is amiss what to do. */
export function examinationLines({ verdict, examined }: Examination, page: Page): string[] {
  const { paint, width } = page;
  const paints = { good: paint.good, doubtful: paint.attention, bad: paint.bad };
  const names = Math.max(0, ...examined.map(({ name }) => name.length));
  const lines = examined.flatMap(({ name, verdict: own, message, next }) => [
    ...wrap(`${SIGNS[own]} ${name.padEnd(names)}  ${message}`, {
      width,
      first: '  ',
      hanging: ' '.repeat(names + 6),
    }).map(own === 'good' ? (line) => line : paints[own]),
    ...(next === null ? [] : nextLines(next, page, ' '.repeat(names + 6))),
  ]);
  return [...lines, '', paints[verdict](`${SIGNS[verdict]} ${CONCLUSIONS[verdict]}`)];
}

const CONCLUSIONS: Readonly<Record<Examined['verdict'], string>> = {
  good: 'a run has everything it needs',
  doubtful: 'a run would go; look at what is marked',
  bad: 'a run would not go: mend what is marked',
};
