import { ERROR_CODES } from '../errors/codes.ts';
import { locateSource } from './file/locate-source.ts';
import { listFolder } from './folder/list-folder.ts';
import type { Split } from './split.ts';
import type { Unreachable } from './unreachable.ts';

export interface SurveyRequest {
  readonly root: string;
  readonly declared: string;
  /** Whether the manifest says what its bytes must be: it cannot for a source of many parts. */
  readonly declaresBytes: boolean;
  readonly filesMax: number;
}

/** What there is of a declared source now, found without reading it. */
export type Survey =
  | { readonly kind: 'one'; readonly split: Split }
  | { readonly kind: 'many'; readonly splits: readonly Split[]; readonly passedOver: number }
  | Unreachable;

export async function surveySource(request: SurveyRequest): Promise<Survey> {
  const { root, declared, filesMax } = request;
  const location = await locateSource({ root, declared });
  if (location.kind === 'unreachable') return location;
  if (location.kind === 'file') {
    const { path, stat } = location;
    return { kind: 'one', split: { name: '', declaredPath: declared, path, stat } };
  }
  if (request.declaresBytes) return declaresBytes(declared);
  const listing = await listFolder({ root, declared, path: location.path, filesMax });
  if (listing.kind === 'unreachable') return listing;
  return { kind: 'many', splits: listing.splits, passedOver: listing.passedOver };
}

function declaresBytes(declared: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'refused',
    code: ERROR_CODES.declared_sum_of_many,
    message: `${declared} is a folder: it has neither one size nor one SHA-256, and the manifest declares them.`,
    next: 'Take size_bytes and checksum_sha256 out of its asset in the manifest, then run again: every file is known by its own sum.',
  };
}
