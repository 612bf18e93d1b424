import type { ExactObject, ExactValue } from '../model/exact-number.ts';
import { nearMiss } from '../model/near-miss.ts';
import { BRONZE_TABLES } from '../model/table-names.ts';
import { UNIQUENESS } from '../model/uniqueness.ts';
import type { ContractTraits } from './contract.ts';
import { declaredDeletion } from './declared-deletion.ts';
import { isSchemaObject, memberOf, propertiesOf } from './schema-document.ts';

/** The keyword of a contract's root that says of its table what JSON Schema cannot. Any other validator ignores it. */
export const TRAITS_KEYWORD = 'x-tidemark';

/** Those whose values are properties of the contract's own. */
const NAMING = ['business_key', 'event_time', 'version_order', 'lineage'];
const FIELDS = ['table', ...NAMING, 'deletion', 'unique', 'pii'];

/** Text that every catalog and every engine takes as a table name without quoting. */
const TABLE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** What kind of personal data a property holds, such as `email`. */
const PII_TAG = /^[a-z][a-z0-9_-]{0,31}$/;

/**
 * What a contract says of itself under `x-tidemark`:
 * `{ "table", "business_key", "event_time"?, "version_order"?, "lineage"?, "deletion"?, "unique"?, "pii"? }`; all but the table
 * and what is unique are of its own properties, under `pii` each with a tag. A string is the fault, as the end of a sentence
 * that begins with the file.
 */
export function declaredTraits(document: ExactObject): ContractTraits | string {
  const declared = memberOf(document, TRAITS_KEYWORD);
  if (!isSchemaObject(declared)) return `has a ${TRAITS_KEYWORD} that is no object of ${FIELDS.join(', ')}`;
  const unknown = Object.keys(declared).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return fault(unknown, `is no field${meant(unknown, FIELDS)}`);
  const { table } = declared;
  if (typeof table !== 'string' || !TABLE_NAME.test(table))
    return fault('table', 'must be a name of at most 63 lower-case letters, digits and _, a letter first');
  if (BRONZE_TABLES.has(table)) return fault('table', `must not be ${table}, which is a table of Tidemark`);
  const properties = propertiesOf(document).map(([name]) => name);
  for (const name of NAMING) {
    const value = memberOf(declared, name);
    const wrong = wrongNames(value, { one: name === 'business_key' || name === 'event_time', properties });
    if (wrong !== null) return fault(name, wrong);
  }
  const pii = memberOf(declared, 'pii');
  const wrongTags = wrongPii(pii, properties);
  if (wrongTags !== null) return fault('pii', wrongTags);
  const unique = UNIQUENESS.find((name) => name === declared.unique);
  if (declared.unique !== undefined && unique === undefined)
    return fault('unique', `must be one of ${UNIQUENESS.join(', ')}`);
  if (declared.business_key === undefined)
    return fault('business_key', 'is missing: the property that names a record');
  const ordersVersions = declared.event_time !== undefined || isNamed(declared.version_order);
  if (unique === 'version' && !ordersVersions)
    return fault('unique', 'is version, and neither version_order nor event_time tells one from another');
  const businessKey = declared.business_key as string;
  const versionOrder = (declared.version_order ?? []) as string[];
  const deletes = memberOf(declared, 'deletion');
  const deletion =
    deletes === undefined
      ? null
      : declaredDeletion(deletes, { document, businessKey, isOrdered: ordersVersions });
  if (typeof deletion === 'string') return fault('deletion', deletion);
  return {
    table,
    businessKey,
    eventTime: (declared.event_time ?? null) as string | null,
    versionOrder,
    deletion,
    lineage: (declared.lineage ?? []) as string[],
    ...(unique !== undefined && { unique }),
    pii: (pii ?? {}) as Record<string, string>,
    anchorProperties: [],
  };
}

function isNamed(names: ExactValue | undefined): boolean {
  return Array.isArray(names) && names.length > 0;
}

/** The table that a document would have, whether or not it can be used; null where it names none. */
export function declaredTable(document: ExactObject): string | null {
  const declared = memberOf(document, TRAITS_KEYWORD);
  return isSchemaObject(declared) && typeof declared.table === 'string' ? declared.table : null;
}

function wrongNames(
  value: ExactValue | undefined,
  { one, properties }: { one: boolean; properties: readonly string[] },
): string | null {
  if (value === undefined) return null;
  const names = one ? [value] : value;
  if (!Array.isArray(names)) return 'must be a list of properties';
  for (const name of names) {
    if (typeof name !== 'string') return one ? 'must be a property' : 'must be a list of properties';
    if (!properties.includes(name)) return `names ${name}, which is no property${meant(name, properties)}`;
  }
  return null;
}

function wrongPii(value: ExactValue | undefined, properties: readonly string[]): string | null {
  if (value === undefined) return null;
  if (!isSchemaObject(value)) return 'must be an object of properties, each with a tag';
  for (const [name, tag] of Object.entries(value)) {
    if (!properties.includes(name)) return `names ${name}, which is no property${meant(name, properties)}`;
    if (typeof tag !== 'string' || !PII_TAG.test(tag))
      return `tags ${name} with what is no tag: at most 32 lower-case letters, digits, _ and -, a letter first`;
  }
  return null;
}

function fault(field: string, what: string): string {
  return `cannot be used: ${TRAITS_KEYWORD}/${field} ${what}`;
}

function meant(word: string, known: readonly string[]): string {
  const near = nearMiss(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
