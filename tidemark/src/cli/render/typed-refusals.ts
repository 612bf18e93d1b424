import type { Declarations } from '../../run/load-declarations.ts';
import { typedPath } from '../typed-path.ts';

/** Refused manifests with their files named as a person would type them, so that an editor opens `file:line:column`. */
export function typedRefusals(refused: Declarations['refused']): Declarations['refused'] {
  return refused.map((refusal) => ({
    ...refusal,
    path: typedPath(refusal.path),
    problems: refusal.problems.map((problem) => ({ ...problem, file: typedPath(problem.file) })),
  }));
}
