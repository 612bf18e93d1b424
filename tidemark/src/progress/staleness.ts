import { compareProgress } from './advance.ts';
import { instantMs } from './instant.ts';

/**
 * `fresh`: what is due has come. `stale`: the last delivery due is missing. `overdue`: more than one is. `unknown`: a
 * cadence is declared and no watermark that is a time can tell. `not_declared`: nothing is due at any time.
 */
export type StalenessKind = 'fresh' | 'stale' | 'overdue' | 'unknown' | 'not_declared';

export interface Staleness {
  readonly kind: StalenessKind;
  /** How long ago the watermark was the present, in ms; null where none can tell. */
  readonly behindMs: number | null;
  readonly cadenceMs: number | null;
}

/**
 * Judged from event time, not from when a run last ran: a run that finds nothing new every hour leaves the data as old as
 * it was. The watermark stays behind by the declared lateness, which is allowed for. Pure.
 */
export function stalenessOf(facts: {
  readonly watermark: string | null;
  readonly cadenceMs: number | null;
  readonly latenessMs: number;
  readonly nowMs: number;
}): Staleness {
  const { watermark, cadenceMs, latenessMs, nowMs } = facts;
  const at = watermark === null ? null : instantMs(watermark);
  const behindMs = at === null ? null : nowMs - at;
  if (cadenceMs === null) return { kind: 'not_declared', behindMs, cadenceMs };
  if (behindMs === null) return { kind: 'unknown', behindMs, cadenceMs };
  const waited = behindMs - latenessMs;
  const kind = waited <= cadenceMs ? 'fresh' : waited <= 2 * cadenceMs ? 'stale' : 'overdue';
  return { kind, behindMs, cadenceMs };
}

/**
 * The watermark that a manifest with several sources is judged by. Sources with a cursor go on for ever, so the one that
 * is farthest behind counts; sources without one come as whole files that follow each other, so the latest counts.
 */
export function judgedWatermark(
  sources: readonly { readonly watermark: string | null; readonly hasCursor: boolean }[],
): string | null {
  const following = sources.filter(({ hasCursor }) => hasCursor);
  const marks = (following.length > 0 ? following : sources).flatMap(({ watermark }) => watermark ?? []);
  const sign = following.length > 0 ? -1 : 1;
  return marks.reduce<string | null>(
    (best, mark) => (best === null || sign * compareProgress(mark, best) > 0 ? mark : best),
    null,
  );
}
