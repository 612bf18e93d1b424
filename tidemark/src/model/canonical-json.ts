import { ExactNumber, type ExactObject, type ExactValue } from './exact-number.ts';

export { canonicalDecimal, isExactDouble } from './canonical-number.ts';

/**
 * The canonical form `canonical-1`: equal texts exactly for values that are equal as JSON values. Members by the
 * UTF-16 code units of their names and string escapes as RFC 8785 has them; numbers as exact decimals in normal form,
 * so 1.0 and 1 are one number, -0 is 0, and nothing is rounded. Numbers must be finite.
 * `omit` leaves out members of the outermost object only.
 */
export function canonicalJson(value: ExactValue, omit?: ReadonlySet<string>): string {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber || Array.isArray(value)) {
    return canonicalValue(value);
  }
  const object = value as ExactObject;
  const { order, heads } = shapeOf(object);
  let members = '';
  for (let at = 0; at < order.length; at += 1) {
    const name = order[at] as string;
    if (omit?.has(name)) continue;
    members += (members === '' ? '' : ',') + heads[at] + canonicalValue(object[name] as ExactValue);
  }
  return `{${members}}`;
}

/** A JSON string with the escapes of RFC 8785, which are those of JSON.stringify for every well-formed string. */
export function quoteJson(text: string): string {
  // Looking first is a fifth faster than JSON.stringify on a ticket's short strings, and slower on long ones.
  if (text.length > 64) return JSON.stringify(text);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return JSON.stringify(text);
    }
  }
  return `"${text}"`;
}

function canonicalValue(value: ExactValue): string {
  if (typeof value === 'string') return quoteJson(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof ExactNumber) return value.canonical;
  return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as ExactObject);
}

function canonicalArray(items: readonly ExactValue[]): string {
  let text = '';
  for (let at = 0; at < items.length; at += 1) {
    text += (at === 0 ? '' : ',') + canonicalValue(items[at] as ExactValue);
  }
  return `[${text}]`;
}

function canonicalObject(object: ExactObject): string {
  let members = '';
  for (const name of sortNames(Object.keys(object))) {
    members += `${members === '' ? '' : ','}${quoteJson(name)}:${canonicalValue(object[name] as ExactValue)}`;
  }
  return `{${members}}`;
}

interface Shape {
  readonly names: readonly string[];
  readonly order: readonly string[];
  /** `"name":` of each name in order. */
  readonly heads: readonly string[];
}

/** The order of the last outermost object: records of one source mostly share it, and sorting was half the time. */
let lastShape: Shape = { names: [], order: [], heads: [] };

function shapeOf(object: ExactObject): Shape {
  const names = Object.keys(object);
  let same = names.length === lastShape.names.length;
  for (let at = 0; same && at < names.length; at += 1) same = names[at] === lastShape.names[at];
  if (!same) {
    const order = sortNames([...names]);
    lastShape = { names, order, heads: order.map((name) => `${quoteJson(name)}:`) };
  }
  return lastShape;
}

/** The default order of sort() is by UTF-16 code units, which is the order of RFC 8785. */
function sortNames(names: string[]): string[] {
  return names.sort();
}
