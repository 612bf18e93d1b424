import { instantMs } from './instant.ts';

/** Which time of a source a unit holds: half-open, in ms since 1970. */
export interface UnitCoverage {
  readonly field: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What of a prepared unit its coverage follows from. */
export interface CoveringUnit {
  readonly recordWindow?: { field: string; startAt: string | null; endBefore: string | null } | null;
  readonly eventTime: { readonly min: string; readonly max: string } | null;
  readonly cursor: { readonly field: string; readonly value: string } | null;
  readonly watermark: { readonly field: string; readonly value: string } | null;
}

/**
 * A unit that was cut by a window covers the window, records or none; an open end of it is closed by what was seen. One
 * that was not covers from its earliest event to its latest. Null: no time, so it covers no partition. Pure.
 */
export function coverageOf(unit: CoveringUnit): UnitCoverage | null {
  const window = unit.recordWindow ?? null;
  const field = window?.field ?? unit.watermark?.field;
  if (field === undefined) return null;
  const fromMs = startOf(unit, field);
  const toMs = endOf(unit, field);
  return fromMs === null || toMs === null || fromMs >= toMs ? null : { field, fromMs, toMs };
}

function startOf({ recordWindow, eventTime, watermark }: CoveringUnit, field: string): number | null {
  if (recordWindow?.startAt) return instantMs(recordWindow.startAt);
  return watermark?.field === field && eventTime !== null ? instantMs(eventTime.min) : null;
}

function endOf({ recordWindow, cursor, watermark }: CoveringUnit, field: string): number | null {
  if (recordWindow?.endBefore) return instantMs(recordWindow.endBefore);
  const seen = [cursor, watermark].find((mark) => mark?.field === field);
  const at = seen ? instantMs(seen.value) : null;
  return at === null ? null : at + 1;
}
