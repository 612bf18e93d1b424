import type { RunReport } from '../../evidence/run-report.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** Code and message. What to do next is the last line of everything, and stands there. */
export function failureLines(
  { code, message }: NonNullable<RunReport['failure']>,
  { width, paint }: Page,
): string[] {
  const [first = '', ...rest] = wrap(`error ${code} ${message}`, { width, first: '  ', hanging: '    ' });
  return [first, ...rest].map((line) => paint.bad(line));
}
