import { styleText } from 'node:util';

/** Colours by what they mean. Few, and never the only sign: every coloured word says the same without its colour. */
export interface Paint {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  attention(text: string): string;
  bad(text: string): string;
  /** Something to type, or a path to open. */
  command(text: string): string;
}

const as = (text: string) => text;

export const PLAIN: Paint = { strong: as, dim: as, good: as, attention: as, bad: as, command: as };

type Style = Parameters<typeof styleText>[0];
const style = (name: Style) => (text: string) =>
  text === '' ? '' : styleText(name, text, { validateStream: false });

export const COLOURED: Paint = {
  strong: style('bold'),
  dim: style('dim'),
  good: style('green'),
  attention: style('yellow'),
  bad: style('red'),
  command: style('cyan'),
};

/**
 * Whether colours are wanted on a stream, as Node itself decides it: a terminal that has them and no `NO_COLOR`, or
 * `FORCE_COLOR` whatever the stream is. `--no-color` is stronger than both.
 */
export function paintFor({ stream, noColor }: { stream: NodeJS.WritableStream; noColor: boolean }): Paint {
  if (noColor) return PLAIN;
  const probe = styleText('bold', 'x', { stream: stream as NodeJS.WriteStream });
  return probe === 'x' ? PLAIN : COLOURED;
}
