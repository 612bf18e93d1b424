/** What maintaining one table came to. */
export interface TableOutcome {
  readonly table: string;
  /** `overtaken`: a run moved the table meanwhile; what was planned for it is left to the next maintenance. */
  readonly kind: 'maintained' | 'overtaken';
  readonly filesCompacted: number;
  readonly filesMade: number;
  readonly snapshotsExpired: number;
  readonly filesRemoved: number;
  /** Of a table of newest versions that was made anew. */
  readonly keysFolded?: number;
  /** What was not done, and why. */
  readonly leaves: readonly string[];
}

/** What maintenance after a run came to. A failure of it is told, and is no failure of the run. */
export type RunMaintenance =
  | { readonly kind: 'maintained'; readonly operationId: string; readonly tables: readonly TableOutcome[] }
  | { readonly kind: 'failed'; readonly message: string; readonly next: string };
