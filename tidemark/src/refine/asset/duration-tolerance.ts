/** Declared and observed durations are rounded and counted differently (whole seconds, encoder padding). */
export const DURATION_TOLERANCE_SEC = 0.5;
/** Of the observed duration, where that allows more. */
export const DURATION_TOLERANCE_SHARE = 0.01;
/** A transcript's last segment may end this much after its media. */
export const TRANSCRIPT_END_TOLERANCE_SEC = 0.5;

/** Whether a stated duration is that of the media, within max(0.5 s, 1%). */
export function durationsAgree(statedSec: number, observedSec: number): boolean {
  // A hair of slack: 10.5 - 10 must not exceed 0.5 by a rounding of doubles.
  return Math.abs(statedSec - observedSec) <= durationToleranceSec(observedSec) + 1e-9;
}

/** Rounded to milliseconds, as durations are. */
export function durationToleranceSec(observedSec: number): number {
  return Math.max(DURATION_TOLERANCE_SEC, Math.round(DURATION_TOLERANCE_SHARE * observedSec * 1000) / 1000);
}
