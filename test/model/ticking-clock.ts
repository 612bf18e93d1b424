import { v7 } from 'uuid';
import type { Clock } from '../../tidemark/src/run/engine.ts';

/** A clock whose every look is a millisecond later: the same steps give the same times and the same ids. */
export function tickingClock(startMs = Date.parse('2026-05-01T08:00:00Z')): Clock {
  let ms = startMs;
  const tick = () => {
    ms += 1;
    return ms;
  };
  return {
    now: () => new Date(tick()),
    newRunId: () => v7({ msecs: tick(), seq: 0, random: new Uint8Array(16) }),
    newTraceId: () => tick().toString(16).padStart(32, '0'),
  };
}
