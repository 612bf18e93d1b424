import type { ContractTraits, Violation } from './contract.ts';

/** Of a text, a list and an object its kind is still told, of any other value nothing. */
const WITHHELD: Readonly<Record<string, string>> = { '"': '"…"', '[': '[…]', '{': '{…}' };
const SCALAR_WITHHELD = '…';
/** Told of what is not there: no value. */
const MISSING = 'missing';

/**
 * Leaves out of violations what stood at a property that is tagged as personal, inside of it, or around it: rejections
 * are read by more people, and kept longer, than the records that they are of. The raw object has the value.
 */
export function compileWithholding({
  pii,
}: Pick<ContractTraits, 'pii'>): (violations: readonly Violation[]) => readonly Violation[] {
  if (Object.keys(pii).length === 0) return (violations) => violations;
  return (violations) =>
    violations.map((violation) => {
      const [, property] = violation.pointer.split('/');
      const isPersonal = property === undefined || Object.hasOwn(pii, unescaped(property));
      return isPersonal && violation.received !== MISSING
        ? { ...violation, received: WITHHELD[violation.received[0] ?? ''] ?? SCALAR_WITHHELD }
        : violation;
    });
}

/** A segment of a JSON pointer (RFC 6901). */
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
