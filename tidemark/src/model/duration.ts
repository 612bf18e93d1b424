/** Units of fixed length only: a month or a year has none, and a day is 24 hours of UTC. */
const UNIT_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

export const DAY_MS = UNIT_MS.d;
export const HOUR_MS = UNIT_MS.h;

const SHORT = /^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/;
const ISO = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;

/**
 * Milliseconds of a duration, written as `1d`, `6h`, `1d12h` or in ISO 8601 (`P1D`, `PT6H`), in whole weeks, days, hours,
 * minutes and seconds. Null for anything else: months and years among it.
 */
export function parseDuration(text: string): number | null {
  const match = SHORT.exec(text) ?? ISO.exec(text);
  const parts = match?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) return null;
  const units = Object.values(UNIT_MS);
  const ms = parts.reduce((sum, part, at) => sum + Number(part ?? 0) * (units[at] ?? 0), 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** The duration for people, its two largest units: `3d 4h`, `45s`; parts of a second are left out. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.abs(ms);
  for (const [unit, length] of Object.entries(UNIT_MS)) {
    if (unit === 'w') continue;
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || parts.length === 1) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  const text = parts.filter((part, at) => at === 0 || !part.startsWith('0')).join(' ');
  return `${ms < 0 ? '-' : ''}${text === '' ? '0s' : text}`;
}
