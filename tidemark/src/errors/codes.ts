/**
 * Every code, with its documentation for users: docs/ERRORS.md is generated from these comments
 * (`npm run docs:errors`). First digit: 1 declaration, 2 source and landing, 3 refine, 4 Bronze, 5 catalog and commit,
 * 6 evidence, 7 runs, 8 command line, 9 the engine itself. A code is never given a second meaning.
 */
export const ERROR_CODES = {
  /**
   * A manifest file cannot be used: unreadable, not JSON, or it breaks the form or a rule of `source_manifest_v1`.
   * Every problem is listed with file, pointer, line and column. Mend the file, then run `tidemark check`.
   */
  manifest_refused: 'TM1001',
} as const;

export type ErrorName = keyof typeof ERROR_CODES;
export type ErrorCode = (typeof ERROR_CODES)[ErrorName];
