import { isAbsolute, join } from 'node:path';
import { pathOfFileUri } from '../../bronze/iceberg/file-uri.ts';
import { uriOf } from '../../bronze/table-io.ts';

/** From one folder to another; both absolute. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Where a place is after a move; null for one that lies elsewhere. */
export function movedPlace(text: string, { from, to }: Move): string | null {
  const path = pathOfFileUri(text);
  if (path === null || !isAbsolute(path)) return null;
  if (path !== from && !path.startsWith(`${from}/`)) return null;
  return uriOf(join(to, path.slice(from.length)));
}

/** A JSON value in which every text that names a place below the old folder names the new one. */
export function withMovedPlaces<Value>(value: Value, move: Move): Value {
  const moved = (inner: unknown): unknown => {
    if (typeof inner === 'string') return movedPlace(inner, move) ?? inner;
    if (Array.isArray(inner)) return inner.map(moved);
    if (inner === null || typeof inner !== 'object') return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, member]) => [name, moved(member)]));
  };
  return moved(value) as Value;
}
