import type { FileStat } from './file/locate-source.ts';
import type { TableLocation } from './sqlite-table/table-location.ts';

/** One part of a source, taken in for itself: own bytes, receipt, raw object and unit. */
export interface Split {
  /** What tells it from the other parts, such as a file's name in its folder; empty for a source that is one. */
  readonly name: string;
  /** As receipts tell it. */
  readonly declaredPath: string;
  readonly path: string;
  readonly stat: FileStat;
  /** Its rows are read from a table in that file; null: its bytes are. */
  readonly table: TableLocation | null;
}
