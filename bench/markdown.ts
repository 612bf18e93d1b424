import type { Spread } from './summary.ts';

const MIB = 1024 * 1024;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(3, ...all.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export function spreadText({ median, min, max }: Spread, show: (value: number) => string): string {
  return min === max ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}

export const seconds = (value: number) => value.toFixed(2);
export const milliseconds = (value: number) => (value * 1000).toFixed(0);
export const ratio = (value: number) => value.toFixed(2);
export const mebibytes = (value: number) => (value / MIB).toFixed(0);
export const whole = (value: number) => Math.round(value).toLocaleString('en-US');
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
