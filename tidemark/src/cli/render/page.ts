import { type Paint, PLAIN, paintFor } from './paint.ts';

/** What text is laid out for. A pipe has no width: its lines are never broken, so that they can be searched. */
export interface Page {
  /** Columns; Infinity where nothing is to be broken. */
  readonly width: number;
  readonly paint: Paint;
  /** Options that lead to the same project, for every command that is printed to be typed. */
  readonly projectWords: readonly string[];
}

export const PIPE: Page = { width: Number.POSITIVE_INFINITY, paint: PLAIN, projectWords: [] };

/** Below this a terminal is treated as this wide: nothing readable fits into less. */
const COLUMNS_MIN = 40;
/** Above this, lines of text are hard to follow. */
const COLUMNS_MAX = 160;

export function pageFor({
  stream,
  noColor,
  projectWords,
}: {
  stream: NodeJS.WritableStream;
  noColor: boolean;
  projectWords: readonly string[];
}): Page {
  const { isTTY, columns } = stream as NodeJS.WriteStream;
  // A terminal that does not know its size reports none, or 0.
  const width = isTTY
    ? Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, columns || 80))
    : Number.POSITIVE_INFINITY;
  return { width, paint: paintFor({ stream, noColor }), projectWords };
}
