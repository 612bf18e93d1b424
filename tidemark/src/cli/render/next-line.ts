import { typedCommands } from '../command-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** The last line of everything: the next command, or the one thing to do. */
export function nextLines(next: string, { width, projectWords }: Page, indent = ''): string[] {
  return wrap(`next: ${typedCommands(next, projectWords)}`, { width, first: indent, hanging: `${indent}  ` });
}
