import { globMatches } from '../../model/glob.ts';
import { type FormatName, isRecordName } from '../folder/record-names.ts';
import { keyFault, type ObjectsLocation } from './object-location.ts';

/** What a listing says of an object. */
export interface ListedObject {
  /** In quotes, as it is asked for; null where the server gives none. */
  readonly etag: string | null;
  readonly sizeBytes: number;
  /** Whole seconds, which is all that an answer says. */
  readonly modifiedAt: string | null;
}

/** What a key is to a source of many objects. `unsafe`: meant, and not to be asked for. */
export type KeyStanding =
  | { readonly kind: 'part'; readonly name: string }
  | { readonly kind: 'unsafe' }
  | { readonly kind: 'passed_over' }
  | { readonly kind: 'not_meant' };

/** Whatever stands behind a prefix is in it, at any depth: a bucket has no folders, though some tools write objects for them. */
export function standingOf(
  location: ObjectsLocation,
  { key, sizeBytes, format }: { key: string; sizeBytes: number; format: FormatName },
): KeyStanding {
  if (!key.startsWith(location.base)) return { kind: 'not_meant' };
  const name = key.slice(location.base.length);
  const isMarker = name === '' || name.endsWith('/') || (sizeBytes === 0 && name.endsWith('_$folder$'));
  if (location.kind === 'pattern') {
    if (!globMatches(location.pattern, name)) return { kind: 'not_meant' };
    if (isMarker) return { kind: 'passed_over' };
    return keyFault(key) === null ? { kind: 'part', name } : { kind: 'unsafe' };
  }
  const parts = name.split('/');
  if (isMarker || !isRecordName(parts.at(-1) ?? '', format)) return { kind: 'passed_over' };
  if (keyFault(key) !== null) return { kind: 'unsafe' };
  // What a writer has not finished, and what tools keep beside the data: _temporary/…, _delta_log/…, .staging/….
  return parts.some((part) => /^[._]/.test(part)) ? { kind: 'passed_over' } : { kind: 'part', name };
}
