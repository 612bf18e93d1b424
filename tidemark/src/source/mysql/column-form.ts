import type { FieldPacket } from 'mysql2';
import type { ColumnForm } from '../relation/column-form.ts';
import { onOneLine } from '../relation/json-form.ts';

export interface MysqlForm extends ColumnForm {
  /** Its values are bytes and no text: `toJson` takes them in hexadecimal. */
  readonly bytes: boolean;
  /** Longest value of it in characters, as it is declared. */
  readonly length: number;
}

/** What the protocol says of a column. */
export interface FieldType {
  readonly type: number;
  readonly flags: number;
  readonly characterSet: number;
  readonly columnLength: number;
  /** `json` of a column that MariaDB keeps as text. */
  readonly format: string | null;
}

const UNSIGNED = 32;
const ENUM = 256;
const SET = 2048;
/** The character set of what is bytes; numbers and times say it too. */
const BINARY = 63;
/** Of utf8mb4, in which all text comes. */
const CHARACTER_BYTES = 4;

const TINYINT = 1;
const INTEGERS: Readonly<Record<number, string>> = {
  [TINYINT]: 'tinyint',
  2: 'smallint',
  3: 'int',
  8: 'bigint',
  9: 'mediumint',
};
const TIMES: Readonly<Record<number, string>> = {
  7: 'timestamp',
  10: 'date',
  11: 'time',
  12: 'datetime',
  14: 'date',
};
const STRINGS: Readonly<Record<number, readonly [text: string, bytes: string]>> = {
  15: ['varchar', 'varbinary'],
  249: ['text', 'blob'],
  250: ['text', 'blob'],
  251: ['text', 'blob'],
  252: ['text', 'blob'],
  253: ['varchar', 'varbinary'],
  254: ['char', 'binary'],
};
const OTHERS: Readonly<Record<number, string>> = {
  0: 'decimal',
  4: 'float',
  5: 'double',
  6: 'null',
  13: 'year',
  16: 'bit',
  242: 'vector',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  255: 'geometry',
};
const BYTES: ReadonlySet<string> = new Set('varbinary blob binary bit vector geometry'.split(' '));

export function fieldType(field: FieldPacket): FieldType {
  // The driver has more than it declares.
  const { columnType, type, flags, characterSet, columnLength, extendedFormat } = field as FieldPacket & {
    columnType?: number;
    characterSet?: number;
    columnLength?: number;
    extendedFormat?: string;
  };
  return {
    type: columnType ?? type ?? 0,
    flags: Number(flags),
    characterSet: characterSet ?? 0,
    columnLength: columnLength ?? 0,
    format: extendedFormat ?? null,
  };
}

/** As the database names it, without its length. */
export function typeName({ type, flags, characterSet, format }: FieldType): string {
  if (format === 'json') return 'json';
  if ((flags & ENUM) !== 0) return 'enum';
  if ((flags & SET) !== 0) return 'set';
  const integer = INTEGERS[type];
  if (integer !== undefined) return (flags & UNSIGNED) === 0 ? integer : `${integer} unsigned`;
  const string = STRINGS[type];
  if (string !== undefined) return string[characterSet === BINARY ? 1 : 0];
  return TIMES[type] ?? OTHERS[type] ?? `type ${type}`;
}

/**
 * The form of every type, lossless: numbers with every digit as numbers, `tinyint(1)` as the boolean that it is declared as,
 * JSON as what it says, instants as RFC 3339 in UTC, bytes in hexadecimal, and all others as the text that the server writes
 * of them.
 */
export function columnForm(name: string, { field, quoted }: { field: FieldType; quoted: string }): MysqlForm {
  const type = typeName(field);
  const form = (toJson: ColumnForm['toJson'], expression = quoted): MysqlForm => ({
    name,
    type,
    expression,
    bytes: BYTES.has(type),
    length: Math.floor(field.columnLength / CHARACTER_BYTES),
    toJson,
  });
  if (type === 'tinyint' && field.columnLength === 1) return form(booleanJson);
  // Its own text has six digits, which not every value is read back from. Times one, which keeps the sign of zero.
  if (type === 'float') return form(floatJson, `${quoted} * 1e0`);
  if (type in NUMBERS) return form(numberJson);
  if (type === 'json') return form(onOneLine);
  if (type === 'timestamp') return form((text) => timeJson(text, 'Z'));
  if (type === 'datetime') return form((text) => timeJson(text, ''));
  if (type === 'bit') return form((hex) => bitsJson(hex, field.columnLength));
  if (BYTES.has(type)) return form((hex) => `"\\\\x${hex}"`);
  return form(JSON.stringify);
}

const NUMBERS: Readonly<Record<string, true>> = Object.fromEntries(
  [...Object.values(INTEGERS).flatMap((name) => [name, `${name} unsigned`]), 'decimal', 'double', 'year'].map(
    (name) => [name, true],
  ),
);

const LEADING_ZEROS = /^(-?)0+(?=\d)/;

/** Columns that are ZEROFILL are written with zeros that JSON does not have. */
function numberJson(text: string): string {
  return text.replace(LEADING_ZEROS, '$1');
}

function booleanJson(text: string): string {
  return text === '1' ? 'true' : text === '0' ? 'false' : numberJson(text);
}

/** No number of single precision needs more digits. */
const FLOAT_DIGITS_MAX = 9;

/** The shortest decimal that reads back as the same number of single precision. */
function floatJson(text: string): string {
  const value = Number(text);
  if (Object.is(value, -0)) return '-0';
  for (let digits = 1; digits <= FLOAT_DIGITS_MAX; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return text;
}

const TIME = /^(\d{4}-(?!00)\d\d-(?!00)\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** A date that is none, as `0000-00-00`, stays as the server writes it: it has no form in RFC 3339. */
function timeJson(text: string, zone: 'Z' | ''): string {
  const match = TIME.exec(text);
  return match === null || text.startsWith('0000')
    ? JSON.stringify(text)
    : `"${match[1]}T${match[2]}${zone}"`;
}

function bitsJson(hex: string, bits: number): string {
  return `"${BigInt(`0x${hex}`).toString(2).padStart(bits, '0')}"`;
}
