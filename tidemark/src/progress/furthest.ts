import { isAhead } from './advance.ts';

/** The one of several positions of a source that is farthest on, by its field; the first of equal ones. Pure. */
export function furthest<Position extends { readonly field: string; readonly value: string }>(
  positions: readonly Position[],
): Position[] {
  const best = new Map<string, Position>();
  for (const position of positions) {
    const current = best.get(position.field);
    if (current === undefined || isAhead(position.value, current.value)) best.set(position.field, position);
  }
  return [...best.values()];
}
