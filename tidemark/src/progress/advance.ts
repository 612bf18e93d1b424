/**
 * Pure rules of what moves forward. Applied only inside the commit transaction, to the state read there.
 */

/** Whether `candidate` lies ahead of `current`, by the declared type of the property. */
export function isAhead(candidate: string, current: string | null): boolean {
  return current === null || compareProgress(candidate, current) > 0;
}

/**
 * Order of two cursor or watermark values: integers by value however long, instants by time (both in any RFC 3339
 * offset), everything else by code unit. Values of one property have one form, so the form decides.
 */
export function compareProgress(a: string, b: string): number {
  if (INTEGER.test(a) && INTEGER.test(b)) return sign(BigInt(a) - BigInt(b));
  const left = instantOf(a);
  const right = instantOf(b);
  if (left !== null && right !== null) return sign(left - right);
  return a < b ? -1 : a > b ? 1 : 0;
}

const INTEGER = /^-?\d+$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d(?::?\d\d)?)$/;

/** Nanoseconds since the epoch; null when the text is no instant with a zone. */
function instantOf(text: string): bigint | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const offset = /^[zZ]$/.test(zone)
    ? 'Z'
    : zone.length === 3
      ? `${zone}:00`
      : zone.replace(/(\d\d)(\d\d)$/, '$1:$2');
  const millis = Date.parse(`${date}T${time}${offset}`);
  if (Number.isNaN(millis)) return null;
  return BigInt(millis) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0') || '0');
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
