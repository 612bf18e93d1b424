import type { BuiltPackage } from './build-package.ts';

/** What every section of the benchmark works with. */
export interface Bench {
  /** How many records, and how many rounds over a file of so many; what is compared with peers is of the first. */
  readonly sizes: readonly { readonly records: number; readonly runs: number }[];
  /** Records that peers get which would take minutes for all; rates are compared. */
  readonly peerRecords: number;
  readonly binaryFiles: number;
  readonly binaryFileBytes: number;
  readonly binaryRuns: number;
  readonly startRuns: number;
  readonly profileRecords: number;
  /** To one table, one after the other. */
  readonly commits: number;
  /** What is in a table, in files of a day each, and what comes to it. */
  readonly history: { readonly records: number; readonly files: number; readonly incoming: number };
  /** Where generated files are kept from one invocation to the next. */
  readonly dataDir: string;
  /** Where the throw-away projects are made. */
  readonly scratchDir: string;
  /** Leaves them there. */
  readonly keep: boolean;
  readonly built: BuiltPackage;
  readonly hasOpenssl: boolean;
  onProgress(message: string): void;
}

/**
 * One part of the page, measured and told on its own. What `measure` returns is all that `render` has: it goes through
 * JSON in between, so that the page can be made again from the figures.
 */
export interface Section<Figures> {
  readonly name: string;
  measure(bench: Bench): Promise<Figures>;
  /** Markdown, beginning with a heading of the second level. */
  render(figures: Figures): string;
  /** Bounds that the figures break, a line each. */
  breaches?(figures: Figures): readonly string[];
}
