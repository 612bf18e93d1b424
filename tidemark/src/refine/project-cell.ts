import type { ColumnType } from '../contract/contract.ts';
import { copyPlainUtc, isColumnDate, readDateTime } from '../contract/date-time.ts';
import { int64Text } from '../contract/int64.ts';
import { isSchemaObject } from '../contract/schema-document.ts';
import { canonicalJson, quoteJson } from '../model/canonical-json.ts';
import type { ExactObject, ExactValue } from '../model/exact-number.ts';

/** The JSON text of a value's cell; null where the column cannot hold the value exactly. */
export type CellWriter = (value: ExactValue) => string | null;

/** What each kind of column holds, in words. */
export const HELD_BY: Readonly<Record<ColumnType['kind'], string>> = {
  string: 'text of whole Unicode characters',
  long: 'a whole number from -9223372036854775808 to 9223372036854775807',
  double: 'a number that a 64-bit double gives back exactly',
  boolean: 'true or false',
  timestamptz: 'a date-time to the microsecond in the years 0001 to 9999 of UTC, not a leap second',
  date: 'a date from 0001-01-01 to 9999-12-31',
  json: 'any JSON value',
  list: 'an array',
  struct: 'an object of the named properties only',
};

const SCALARS: Readonly<Record<Exclude<ColumnType['kind'], 'list' | 'struct'>, CellWriter>> = {
  string: (value) => (typeof value === 'string' && value.isWellFormed() ? quoteJson(value) : null),
  long: int64Text,
  double: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : null),
  boolean: (value) => (typeof value === 'boolean' ? String(value) : null),
  timestamptz: (value) => (typeof value === 'string' ? timestampCell(value) : null),
  date: (value) => (typeof value === 'string' && isColumnDate(value) ? `"${value}"` : null),
  json: (value) => quoteJson(canonicalJson(value)),
};

/** Compiles the writer of one column type. Null and absent are the null cell, at every depth. */
export function compileCell(type: ColumnType): CellWriter {
  const write = writerOf(type);
  return (value) => (value === null || value === undefined ? 'null' : write(value));
}

function writerOf(type: ColumnType): CellWriter {
  if (type.kind === 'list') return listWriter(compileCell(type.element));
  if (type.kind === 'struct') return structWriter(type.fields);
  return SCALARS[type.kind];
}

function timestampCell(text: string): string | null {
  const plain = copyPlainUtc(text);
  if (plain !== null) return `"${plain}"`;
  const reading = readDateTime(text);
  return reading.kind === 'exact' ? `"${reading.text}"` : null;
}

function listWriter(writeItem: CellWriter): CellWriter {
  return (value) => {
    if (!Array.isArray(value)) return null;
    let text = '';
    for (let at = 0; at < value.length; at += 1) {
      const cell = writeItem(value[at] as ExactValue);
      if (cell === null) return null;
      text += at === 0 ? cell : `,${cell}`;
    }
    return `[${text}]`;
  };
}

type StructFields = Extract<ColumnType, { kind: 'struct' }>['fields'];

function structWriter(fields: StructFields): CellWriter {
  const names = new Set(fields.map((field) => field.name));
  const members = fields.map(({ name, type }, at) => ({
    head: `${at === 0 ? '' : ','}${quoteJson(name)}:`,
    read: compileRead(name),
    write: compileCell(type),
  }));
  return (value) => {
    if (!isSchemaObject(value) || !Object.keys(value).every((name) => names.has(name))) return null;
    let text = '';
    for (const { head, read, write } of members) {
      const cell = write(read(value));
      if (cell === null) return null;
      text += head + cell;
    }
    return `{${text}}`;
  };
}

/** Reads an own member; absent is null. Only names that every object inherits need the slower question. */
export function compileRead(name: string): (object: ExactObject) => ExactValue {
  if (name in Object.prototype)
    return (object) => (Object.hasOwn(object, name) ? (object[name] ?? null) : null);
  return (object) => object[name] ?? null;
}
