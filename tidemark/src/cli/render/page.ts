import { type Paint, PLAIN, paintFor } from './paint.ts';

/** What text is laid out for. A pipe has no width: its lines are never broken, so that they can be searched. */
export interface Page {
  /** Columns; Infinity where nothing is to be broken. */
  readonly width: number;
  readonly paint: Paint;
}

export const PIPE: Page = { width: Number.POSITIVE_INFINITY, paint: PLAIN };

/** Below this a terminal is treated as this wide: nothing readable fits into less. */
const COLUMNS_MIN = 40;
/** Above this, lines of text are hard to follow. */
const COLUMNS_MAX = 160;

export function pageFor({ stream, noColor }: { stream: NodeJS.WritableStream; noColor: boolean }): Page {
  const { isTTY, columns } = stream as NodeJS.WriteStream;
  // A terminal that does not know its size reports none, or 0.
  const width = isTTY
    ? Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, columns || 80))
    : Number.POSITIVE_INFINITY;
  return { width, paint: paintFor({ stream, noColor }) };
}
