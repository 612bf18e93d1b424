import { readInstant } from './instant.ts';

/** How far one value of progress is behind another; negative when it is ahead. */
export type Distance =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'count'; readonly count: string };

/** Null where values have no distance: text that is neither a whole number nor a time. */
export function distanceBehind(behind: string, ahead: string): Distance | null {
  if (/^-?\d+$/.test(behind) && /^-?\d+$/.test(ahead))
    return { kind: 'count', count: String(BigInt(ahead) - BigInt(behind)) };
  const [from, to] = [readInstant(behind), readInstant(ahead)];
  return from === null || to === null ? null : { kind: 'time', ms: Number((to - from) / 1_000_000n) };
}
