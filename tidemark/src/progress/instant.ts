const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d(?::?\d\d)?)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const NS_PER_MS = 1_000_000n;

/**
 * Nanoseconds since 1970 of an instant in any RFC 3339 offset; a plain date is its midnight in UTC. Null when the text is
 * neither.
 */
export function readInstant(text: string): bigint | null {
  if (DATE.test(text)) return nanoseconds(Date.parse(`${text}T00:00:00Z`));
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const offset = /^[zZ]$/.test(zone)
    ? 'Z'
    : zone.length === 3
      ? `${zone}:00`
      : zone.replace(/(\d\d)(\d\d)$/, '$1:$2');
  const whole = nanoseconds(Date.parse(`${date}T${time}${offset}`));
  return whole === null ? null : whole + BigInt(fraction.slice(0, 9).padEnd(9, '0') || '0');
}

/** Milliseconds since 1970, cut; null when the text is no instant. */
export function instantMs(text: string): number | null {
  const ns = readInstant(text);
  return ns === null ? null : Number(floorDivide(ns, NS_PER_MS));
}

/** In the form that tables keep instants in: `2026-03-05 23:59:58.000000+00`, cut to microseconds. */
export function writeInstant(ns: bigint): string {
  const ms = floorDivide(ns, NS_PER_MS);
  const micros = floorDivide(ns - ms * NS_PER_MS, 1000n);
  const [date = '', time = ''] = new Date(Number(ms)).toISOString().slice(0, 23).split('T');
  return `${date} ${time}${String(micros).padStart(3, '0')}+00`;
}

export function isDate(text: string): boolean {
  return DATE.test(text);
}

function nanoseconds(ms: number): bigint | null {
  return Number.isNaN(ms) ? null : BigInt(ms) * NS_PER_MS;
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n ? value / by : -((-value + by - 1n) / by);
}
