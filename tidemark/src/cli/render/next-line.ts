import { typedNext } from '../command-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** The last line of everything: the next command, or the one thing to do. */
export function nextLines(next: string, { width }: Page, indent = ''): string[] {
  return wrap(`next: ${typedNext(next)}`, { width, first: indent, hanging: `${indent}  ` });
}
