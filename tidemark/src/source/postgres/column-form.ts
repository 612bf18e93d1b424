import type { ColumnForm } from '../relation/column-form.ts';
import { onOneLine } from '../relation/json-form.ts';

/** Of `pg_type`. */
export interface ColumnType {
  readonly oid: number;
  readonly typname: string;
  readonly typtype: string;
  readonly typcategory: string;
}

const NUMBERS: ReadonlySet<string> = new Set(
  'int2 int4 int8 oid xid xid8 cid numeric float4 float8'.split(' '),
);
/** Their text is a list of numbers between blanks, no array. */
const VECTORS: ReadonlySet<string> = new Set(['int2vector', 'oidvector']);

/**
 * The form of every type, lossless: numbers with every digit as numbers, booleans, JSON as what it says, lists and rows as
 * lists and objects, instants as RFC 3339 in UTC, and all others as the text that the server writes of them.
 */
export function columnForm(
  name: string,
  { typname, typtype, typcategory }: ColumnType,
  quoted: string,
): ColumnForm {
  const form = (toJson: ColumnForm['toJson'], expression = quoted): ColumnForm => ({
    name,
    type: typname,
    expression,
    toJson,
  });
  if (NUMBERS.has(typname)) return form(numberJson);
  if (typname === 'bool') return form((text) => (text === 't' ? 'true' : 'false'));
  if (typname === 'json' || typname === 'jsonb') return form(onOneLine);
  if (typname === 'timestamptz') return form(instantJson);
  if (typname === 'timestamp') return form(localJson);
  if (typtype === 'c' || typname === 'record') return form(onOneLine, `to_json(${quoted})`);
  if (typcategory === 'A' && !VECTORS.has(typname))
    // A list has no place for bounds that begin elsewhere than at 1: then it is the text that says them.
    return form(
      onOneLine,
      `CASE WHEN starts_with(${quoted}::text, '[') THEN to_json(${quoted}::text) ELSE to_json(${quoted}) END`,
    );
  return form(JSON.stringify);
}

/** NaN and infinities have no number in JSON: they are text, so that a contract can judge them. */
function numberJson(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0x30 && last <= 0x39 ? text : JSON.stringify(text);
}

const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00$/;
const LOCAL = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** What has no form in RFC 3339 (infinity, years before 1 and beyond 9999) stays as the server writes it. */
function instantJson(text: string): string {
  const match = INSTANT.exec(text);
  return match === null ? JSON.stringify(text) : `"${match[1]}T${match[2]}Z"`;
}

/** Without a zone, for it has none. */
function localJson(text: string): string {
  const match = LOCAL.exec(text);
  return match === null ? JSON.stringify(text) : `"${match[1]}T${match[2]}"`;
}
