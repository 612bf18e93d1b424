import { columnTypeOf } from '../../contract/column-type.ts';
import type { ColumnType, Contract } from '../../contract/contract.ts';
import { TRAITS_KEYWORD } from '../../contract/declared-traits.ts';
import { quoteJson } from '../../model/canonical-json.ts';
import { isJsonObject, type JsonValue } from '../../model/json.ts';
import type { Limits } from '../../model/limits.ts';
import { LineScanner, type ScannedProperty } from './line-scanner.ts';
import { ANNOTATIONS, planReader } from './property-reader.ts';
import { type LineInHand, unknownReader } from './value-readers.ts';

/** The keywords of a contract's root that this lane knows; it proves no record of a contract with another one. */
export const ROOT_KEYWORDS: readonly string[] = [
  '$schema',
  '$id',
  TRAITS_KEYWORD,
  '$defs',
  'definitions',
  'type',
  'properties',
  'required',
  // A record with a property that is not named is never proven, whatever is said of such properties.
  'additionalProperties',
  ...ANNOTATIONS,
];

export type ScannerPlan =
  | {
      readonly kind: 'scanner';
      readonly scanner: LineScanner;
      /** Properties whose values are left to the explaining lane, each with the reason. */
      readonly unproven: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Compiles a contract into a scanner of the bytes of its records, where it can prove any of them. Nothing of a contract
 * becomes source text: of the 4.4 µs that a ticket takes, walking it takes 1.8 and the rest is copying and hashing, which
 * generated code would do no faster.
 */
export function compileScanner(
  contract: Pick<Contract, 'schema' | 'columns' | 'traits'>,
  limits: Pick<Limits, 'recordDepthMax'>,
): ScannerPlan {
  const { schema, traits } = contract;
  const unknown = Object.keys(schema).find((keyword) => !ROOT_KEYWORDS.includes(keyword));
  if (unknown !== undefined) return { kind: 'none', why: unknown };
  const { type = 'object', properties } = schema;
  if (type !== 'object' || !isJsonObject(properties)) return { kind: 'none', why: 'no named properties' };

  const line: LineInHand = { words: new DataView(new ArrayBuffer(0)), loose: false };
  const unproven: Record<string, string> = {};
  const columnOf = new Map(contract.columns.map((column) => [column.property, column]));
  const scanned = Object.entries(properties).map(([name, of]): ScannedProperty => {
    const column = columnOf.get(name);
    const plan = planReader(of, { line, depthLeft: limits.recordDepthMax - 1, isItem: false });
    const kind = column?.type.kind ?? columnTypeOf(of as JsonValue, schema).kind;
    const why = plan.kind === 'none' ? plan.why : misfit(name, kind);
    if (why !== null) unproven[name] = why;
    return {
      name,
      read: why === null && plan.kind === 'reader' ? plan.read : unknownReader,
      isInstant: kind === 'timestamptz',
      isLineage: traits.lineage.includes(name),
    };
  });

  const places = new Map(scanned.map(({ name }, at) => [name, at]));
  const required = Array.isArray(schema.required) ? schema.required : [];
  const blocking = required.find((name) => !places.has(name) || Object.hasOwn(unproven, name));
  if (blocking !== undefined)
    return { kind: 'none', why: `${blocking}, which is required: ${unproven[blocking] ?? 'not named'}` };
  const at = (name: string) => places.get(name) as number;
  const scanner = new LineScanner({
    line,
    properties: scanned,
    required: required.map(at),
    cells: contract.columns.map(({ name, property }) => ({ name, at: at(property) })),
    eventTime: traits.eventTime === null ? null : (places.get(traits.eventTime) ?? null),
  });
  return { kind: 'scanner', scanner, unproven };
}

/** Why a value of this kind of column, or a key of this name, is not copied as it stands; null where it is. */
function misfit(name: string, kind: ColumnType['kind']): string | null {
  if (quoteJson(name) !== `"${name}"`) return 'a name that JSON escapes';
  return kind === 'json' || kind === 'struct' ? `column of type ${kind}` : null;
}
