/** How an exporter writes times. All three name the same instants. */
export type TimeStyle = 'seconds_utc' | 'millis_utc' | 'offset';

/** Whole seconds since 1970 from an ISO text. */
export function epoch(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}

const OFFSETS = [
  { text: '+01:00', seconds: 3600 },
  { text: '+09:00', seconds: 32_400 },
  { text: '-05:00', seconds: -18_000 },
] as const;

/** The last digits of a time decide its milliseconds and offset, so that no draw is spent on them. */
export function writeTime(seconds: number, style: TimeStyle): string {
  if (style === 'seconds_utc') return isoSeconds(seconds, 'Z');
  if (style === 'millis_utc')
    return isoSeconds(seconds, `.${String((seconds * 7) % 1000).padStart(3, '0')}Z`);
  const offset = OFFSETS[seconds % OFFSETS.length] ?? OFFSETS[0];
  return isoSeconds(seconds + offset.seconds, offset.text);
}

function isoSeconds(seconds: number, end: string): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19) + end;
}
