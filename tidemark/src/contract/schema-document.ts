import { ExactNumber, type ExactObject, type ExactValue } from '../model/exact-number.ts';

export function isSchemaObject(value: ExactValue | undefined): value is ExactObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** Own members only: a contract may well have a property named `constructor`. */
export function memberOf(object: ExactObject, name: string): ExactValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The properties that a schema names, in the order of the document. */
export function propertiesOf(schema: ExactObject): readonly (readonly [name: string, schema: ExactValue])[] {
  const properties = memberOf(schema, 'properties');
  return isSchemaObject(properties) ? Object.entries(properties) : [];
}

/**
 * What a `$ref` into the same document (`#`, `#/…`) leads to; undefined where it leads nowhere or out of the document.
 * Anchors and sub-schemas with an own `$id` are not followed: whoever asks must be able to do without an answer.
 */
export function followLocalRef(root: ExactObject, ref: string): ExactValue | undefined {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  let at: ExactValue | undefined = root;
  for (const token of ref.split('/').slice(1)) {
    const name = decodeToken(token);
    if (name === null) return undefined;
    if (Array.isArray(at)) at = /^\d+$/.test(name) ? at[Number(name)] : undefined;
    else at = isSchemaObject(at) ? memberOf(at, name) : undefined;
    if (isSchemaObject(at) && memberOf(at, '$id') !== undefined) return undefined;
  }
  return at;
}

function decodeToken(token: string): string | null {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}
