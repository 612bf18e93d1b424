import type { ExactObject, ExactValue } from '../model/exact-number.ts';
import type { DeletionTrait } from './contract.ts';
import { followLocalRef, isSchemaObject, memberOf, propertiesOf } from './schema-document.ts';

const FIELDS = ['property', 'values'];

/**
 * Which records delete, as `x-tidemark` says it: `{ "property", "values"? }`. A string is the fault, as the end of a
 * sentence. What a record does must never be unknown, nor hang on which came first, so the contract has to say what the
 * property can be, and what orders the records of one key.
 */
export function declaredDeletion(
  declared: ExactValue,
  { document, businessKey, isOrdered }: { document: ExactObject; businessKey: string; isOrdered: boolean },
): DeletionTrait | string {
  if (!isSchemaObject(declared) || Object.keys(declared).some((name) => !FIELDS.includes(name)))
    return 'must be an object of property and values';
  const property = memberOf(declared, 'property');
  const [, schema] = propertiesOf(document).find(([name]) => name === property) ?? [];
  if (typeof property !== 'string' || schema === undefined || property === businessKey)
    return 'must name, under property, the one that says what a record does';
  const required = requiredOf(document);
  if (!required.includes(businessKey))
    return `needs ${businessKey} to be required: a record that deletes and names nothing would delete nothing, unseen`;
  if (!isOrdered)
    return 'needs a version_order, or an event_time: else which of two records holds would hang on which came first';
  const values = memberOf(declared, 'values');
  if (values === undefined) return { property, values: null };
  const isList = Array.isArray(values) && values.length > 0;
  const kind = isList && values.every((value) => typeof value === typeof values[0]) ? typeof values[0] : null;
  if (!isList || (kind !== 'string' && kind !== 'boolean'))
    return 'must have, under values, a list of texts, or of true or false';
  const wrong = wrongValues(values, { property, schema, document, isRequired: required.includes(property) });
  return wrong ?? { property, values: values as (string | boolean)[] };
}

function wrongValues(
  values: readonly ExactValue[],
  {
    property,
    schema,
    document,
    isRequired,
  }: { property: string; schema: ExactValue; document: ExactObject; isRequired: boolean },
): string | null {
  const known = valuesOf(schema, document);
  if (known === null)
    return `needs ${property} to have an enum: a value that nobody knows must be a rejection, not taken for one that keeps`;
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined)
    return `lists ${JSON.stringify(unknown)}, which ${property} cannot be: it is one of ${known.map((value) => JSON.stringify(value)).join(', ')}`;
  // A flag that is not there is not set; of an operation nothing is known then.
  if (typeof values[0] === 'boolean' || (isRequired && !known.includes(null))) return null;
  return `needs ${property} to be required, and not null: a record without it would be taken for one that keeps`;
}

/** Everything that a property can be; null where that is not listed. */
function valuesOf(schema: ExactValue, document: ExactObject): readonly ExactValue[] | null {
  if (!isSchemaObject(schema)) return null;
  const ref = memberOf(schema, '$ref');
  const meant = typeof ref === 'string' ? followLocalRef(document, ref) : schema;
  if (!isSchemaObject(meant)) return null;
  const listed = memberOf(meant, 'enum');
  if (Array.isArray(listed)) return listed;
  const only = memberOf(meant, 'const');
  if (only !== undefined) return [only];
  const types = [memberOf(meant, 'type')].flat();
  return types.length > 0 && types.every((type) => type === 'boolean' || type === 'null')
    ? [true, false]
    : null;
}

function requiredOf(document: ExactObject): readonly ExactValue[] {
  const required = memberOf(document, 'required');
  return Array.isArray(required) ? required : [];
}
