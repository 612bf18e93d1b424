import type { ExactObject } from '../model/exact-number.ts';
import { columnTypeOf, isColumnName } from './column-type.ts';
import type { ContractColumn, ContractTraits } from './contract.ts';
import { isSchemaObject, memberOf, propertiesOf } from './schema-document.ts';
import { SYSTEM_COLUMN_NAMES } from './system-columns.ts';

/**
 * The Bronze columns of a contract, in the order of its document. A property with the name of a system column becomes
 * `record_<name>`, unless it equals a trace anchor by construction and shares that column. Names are distinct in any
 * letter case, since DuckDB and other engines fold it; which property keeps a disputed name depends on the names
 * alone, so that contracts of equal content have equal columns.
 */
export function columnsOf(schema: ExactObject, traits: ContractTraits): readonly ContractColumn[] {
  const stored = propertiesOf(schema).filter(([property]) => !traits.anchorProperties.includes(property));
  const names = columnNamesOf(stored.map(([property]) => property));
  return stored.map(([property, of]) => ({
    name: names.get(property) as string,
    property,
    type: columnTypeOf(of, schema),
    ...docOf(
      isSchemaObject(of) ? (memberOf(of, 'description') ?? memberOf(of, 'title')) : undefined,
      Object.hasOwn(traits.pii, property) ? traits.pii[property] : undefined,
    ),
  }));
}

/** What any reader of the table is told of the column; of personal data, that it is. */
function docOf(description: unknown, pii: string | undefined): { readonly doc?: string } {
  const told = typeof description === 'string' && description !== '' ? description : null;
  const doc = [told, pii === undefined ? null : `[pii: ${pii}]`].filter((part) => part !== null).join(' ');
  return doc === '' ? {} : { doc };
}

function columnNamesOf(properties: readonly string[]): ReadonlyMap<string, string> {
  const wanted = [...properties].sort().map((property) => [property, wantedName(property)] as const);
  const taken = new Set([...SYSTEM_COLUMN_NAMES, ...wanted.map(([, name]) => fold(name))]);
  const given = new Set<string>();
  const names = new Map<string, string>();
  for (const [property, name] of wanted) {
    let free = name;
    if (given.has(fold(name))) {
      for (let suffix = 2; taken.has(fold(free)); suffix += 1) free = `${name}_${suffix}`;
    }
    given.add(fold(free));
    taken.add(fold(free));
    names.set(property, free);
  }
  return names;
}

/** The property's own name, made quotable, and out of the way of the system columns. */
function wantedName(property: string): string {
  const name = isColumnName(property) ? property : property.toWellFormed().replaceAll('\u0000', '_') || '_';
  return SYSTEM_COLUMN_NAMES.includes(fold(name)) ? `record_${name}` : name;
}

function fold(name: string): string {
  return name.toLowerCase();
}
