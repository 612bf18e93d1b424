/**
 * Whether one number is a whole multiple of another, both taken as the decimals that they print: 19.99 is a multiple
 * of 0.01, which division of doubles denies. A number beyond the doubles (infinite here) is none, and of 0 none is.
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (!Number.isFinite(value) || divisor === 0) return false;
  const one = scaledOf(value);
  const other = scaledOf(divisor);
  const exponent = Math.min(one.exponent, other.exponent);
  const align = (scaled: Scaled) => scaled.digits * 10n ** BigInt(scaled.exponent - exponent);
  return align(one) % align(other) === 0n;
}

interface Scaled {
  readonly digits: bigint;
  readonly exponent: number;
}

function scaledOf(value: number): Scaled {
  const [mantissa, power = '0'] = String(value).split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
