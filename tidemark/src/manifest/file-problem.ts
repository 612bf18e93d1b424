import type { ManifestReading, Problem } from './source-manifest.ts';

/** Rules about a manifest file as a whole, told at its first character. */
export type FileRule =
  | 'file_missing'
  | 'file_unreadable'
  | 'file_not_regular'
  | 'file_outside'
  | 'file_too_large'
  | 'file_is_schema'
  | 'directory_empty';

export type FileProblem = Pick<Problem, 'message' | 'expected' | 'found'> & { readonly rule: FileRule };

export function refusedFile(path: string, problem: FileProblem): ManifestReading {
  return { kind: 'refused', path, problems: [{ file: path, pointer: '', line: 1, column: 1, ...problem }] };
}
