import { plainText } from '../../manifest/show-value.ts';

/**
 * A report whose every text is fit for a terminal: one line, control and format characters spelt out. Declared names,
 * paths and file contents reach reports as they are, and must not be able to rewrite what a person sees.
 */
export function plainValues<Value>(value: Value): Value {
  if (typeof value === 'string') return plainText(value.replaceAll('\n', ' ')) as Value;
  if (Array.isArray(value)) return value.map(plainValues) as Value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [plainText(key), plainValues(item)]),
  ) as Value;
}
