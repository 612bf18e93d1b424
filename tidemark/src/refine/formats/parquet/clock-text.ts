const DAY_SECONDS = 86_400n;

interface Resolution {
  /** Units of a value in a second: 1,000,000 for microseconds. */
  readonly perSecond: bigint;
}

/** `HH:MM:SS`, and a fraction where there is one, of units since midnight. */
export function timeText(units: bigint, { perSecond }: Resolution): string {
  const seconds = units / perSecond;
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n];
  const clock = [hours, minutes, seconds % 60n].map((part) => String(part).padStart(2, '0')).join(':');
  const digits = String(perSecond).length - 1;
  const fraction = String(units % perSecond)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

/** `YYYY-MM-DDTHH:MM:SS`, and a fraction where there is one, of units since 1970. */
export function timestampText(units: bigint, { perSecond }: Resolution): string {
  const perDay = DAY_SECONDS * perSecond;
  const inDay = ((units % perDay) + perDay) % perDay;
  return `${dayText(Number((units - inDay) / perDay))}T${timeText(inDay, { perSecond })}`;
}

/** Days of 400 years, in which the calendar begins anew. */
const CYCLE_DAYS = 146_097;

/** Any day that 32 bits hold. Beyond the years 0000 to 9999, which ISO 8601 writes with four digits, with a sign and six. */
function dayText(days: number): string {
  const cycles = Math.floor(days / CYCLE_DAYS);
  const [year = '', month, day] = new Date((days - cycles * CYCLE_DAYS) * 86_400_000)
    .toISOString()
    .slice(0, 10)
    .split('-');
  const wanted = Number(year) + cycles * 400;
  const written =
    wanted < 0 || wanted > 9999
      ? `${wanted < 0 ? '-' : '+'}${String(Math.abs(wanted)).padStart(6, '0')}`
      : String(wanted).padStart(4, '0');
  return `${written}-${month}-${day}`;
}
