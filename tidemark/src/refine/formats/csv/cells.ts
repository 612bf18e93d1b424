import type { Contract, ContractColumn } from '../../../contract/contract.ts';
import { isJsonObject, type JsonValue } from '../../../model/json.ts';

/** What the text of a field may stand for. What it cannot is left a string, and the contract says what is wrong with it. */
export type CellKind = 'text' | 'number' | 'boolean' | 'document';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['True', 'true'],
  ['TRUE', 'true'],
  ['false', 'false'],
  ['False', 'false'],
  ['FALSE', 'false'],
]);

/** By the contract's columns: text alone does not tell an order number from a number. */
export function cellKindsOf(contract: Contract, properties: readonly string[]): CellKind[] {
  const columns = new Map(contract.columns.map((column) => [column.property, column]));
  return properties.map((property) => kindOf(columns.get(property), contract));
}

function kindOf(column: ContractColumn | undefined, contract: Contract): CellKind {
  switch (column?.type.kind) {
    case 'long':
    case 'double':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'list':
    case 'struct':
      return 'document';
    case 'json':
      return kindOfOpen(column, contract);
    default:
      return 'text';
  }
}

/** A column of JSON text is one whose values are of many kinds, or of one that no other column holds. */
function kindOfOpen({ property }: ContractColumn, { schema }: Contract): CellKind {
  const properties = schema.properties as JsonValue | undefined;
  const declared = isJsonObject(properties) ? properties[property] : undefined;
  const type = isJsonObject(declared) ? declared.type : undefined;
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null' && one !== undefined);
  if (types.includes('string')) return 'text';
  if (types.length > 0 && types.every((one) => one === 'integer' || one === 'number')) return 'number';
  return 'document';
}

/** The field as JSON. */
export function cellJson(text: string, kind: CellKind): string {
  if (kind === 'number' && NUMBER.test(text)) return text;
  if (kind === 'boolean') return BOOLEANS.get(text) ?? JSON.stringify(text);
  if (kind === 'document' && isDocument(text)) return text.replaceAll(/[\n\r]/g, ' ');
  return JSON.stringify(text);
}

/** By itself: a field is put into the record as it is written, and must not close what it stands in. */
function isDocument(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
