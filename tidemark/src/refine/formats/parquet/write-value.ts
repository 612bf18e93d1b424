import type * as DuckDB from '@duckdb/node-api';
import { canonicalJson, quoteJson } from '../../../model/canonical-json.ts';
import { parseExact } from '../../../model/parse-exact.ts';
import { StreamFault } from '../stream-fault.ts';
import { timestampText, timeText } from './clock-text.ts';
import type { ParquetPolicy } from './policy.ts';

interface Using {
  readonly duckdb: typeof DuckDB;
  readonly policy: ParquetPolicy;
}

/** The JSON of a value that is not null. */
export type WriteValue = (value: DuckDB.DuckDBValue) => string;

/**
 * How the values of a type are written: whole numbers and decimals with every digit, floating point as the shortest
 * decimal of the same double, what no JSON number is (`NaN`, `Infinity`) as text that a contract judges. Null is a property
 * left out, and in a list null.
 */
export function writerOf(type: DuckDB.DuckDBType, using: Using): WriteValue {
  const { DuckDBTypeId: Id } = using.duckdb;
  switch (type.typeId) {
    case Id.BOOLEAN:
    case Id.TINYINT:
    case Id.SMALLINT:
    case Id.INTEGER:
    case Id.BIGINT:
    case Id.UTINYINT:
    case Id.USMALLINT:
    case Id.UINTEGER:
    case Id.UBIGINT:
    case Id.DECIMAL:
      return String;
    case Id.FLOAT:
    case Id.DOUBLE:
      return (value) => (Number.isFinite(value) ? String(value) : `"${value}"`);
    case Id.VARCHAR:
      return type.alias === 'JSON' ? jsonText : (value) => quoteJson(value as string);
    case Id.BLOB:
      return (value) => `"${Buffer.from((value as DuckDB.DuckDBBlobValue).bytes).toString('base64')}"`;
    case Id.UUID:
      return (value) => `"${value}"`;
    case Id.LIST: {
      const item = orNull(writerOf((type as DuckDB.DuckDBListType).valueType, using));
      return (value) => `[${(value as DuckDB.DuckDBListValue).items.map(item).join(',')}]`;
    }
    case Id.STRUCT:
      return structWriter(type as DuckDB.DuckDBStructType, using);
    case Id.MAP: {
      const { keyType, valueType } = type as DuckDB.DuckDBMapType;
      if (!isKey(keyType, using)) throw unwritten(`a map by ${keyType}`);
      const write = orNull(writerOf(valueType, using));
      return (value) => {
        const { entries } = value as DuckDB.DuckDBMapValue;
        return `{${entries.map((entry) => `${quoteJson(String(entry.key))}:${write(entry.value)}`).join(',')}}`;
      };
    }
    default:
      return momentWriter(type, using);
  }
}

const orNull =
  (write: WriteValue): WriteValue =>
  (value) =>
    value === null ? 'null' : write(value);

function structWriter(type: DuckDB.DuckDBStructType, using: Using): WriteValue {
  const members = type.entryNames.map((name, index) => ({
    name,
    key: `${quoteJson(name)}:`,
    write: writerOf(type.entryTypes[index] as DuckDB.DuckDBType, using),
  }));
  return (value) => {
    const { entries } = value as DuckDB.DuckDBStructValue;
    const written = members.flatMap(({ name, key, write }) => {
      const member = entries[name] ?? null;
      return member === null ? [] : [key + write(member)];
    });
    return `{${written.join(',')}}`;
  };
}

function momentWriter(type: DuckDB.DuckDBType, { duckdb, policy }: Using): WriteValue {
  const { DuckDBTypeId: Id } = duckdb;
  const zone = policy.zone === 'utc' ? 'Z' : '';
  switch (type.typeId) {
    case Id.DATE:
      return (value) => {
        const { days } = value as DuckDB.DuckDBDateValue;
        return `"${timestampText(BigInt(days) * 86_400n, { perSecond: 1n }).slice(0, -9)}"`;
      };
    case Id.TIME:
      return (value) => `"${timeText((value as DuckDB.DuckDBTimeValue).micros, { perSecond: 1_000_000n })}"`;
    case Id.TIME_NS:
      return (value) =>
        `"${timeText((value as DuckDB.DuckDBTimeNSValue).nanos, { perSecond: 1_000_000_000n })}"`;
    // Of Parquet: always in UTC.
    case Id.TIME_TZ:
      return (value) =>
        `"${timeText((value as DuckDB.DuckDBTimeTZValue).micros, { perSecond: 1_000_000n })}Z"`;
    case Id.TIMESTAMP:
      return (value) =>
        `"${timestampText((value as DuckDB.DuckDBTimestampValue).micros, { perSecond: 1_000_000n })}${zone}"`;
    case Id.TIMESTAMP_NS: {
      const perSecond = 1_000_000_000n;
      return (value) =>
        `"${timestampText((value as DuckDB.DuckDBTimestampNanosecondsValue).nanos, { perSecond })}${zone}"`;
    }
    case Id.TIMESTAMP_TZ:
      return (value) =>
        `"${timestampText((value as DuckDB.DuckDBTimestampTZValue).micros, { perSecond: 1_000_000n })}Z"`;
    default:
      throw unwritten(`${type}`);
  }
}

function isKey({ typeId }: DuckDB.DuckDBType, { duckdb: { DuckDBTypeId: Id } }: Using): boolean {
  return [Id.VARCHAR, Id.TINYINT, Id.SMALLINT, Id.INTEGER, Id.BIGINT].includes(typeId);
}

function unwritten(type: string): StreamFault {
  return new StreamFault({
    rule: 'parquet_column',
    expected: 'columns that JSON can hold as they are',
    received: `values of type ${type}`,
  });
}

/** A column of JSON holds values; what is none in it comes as the text that it is. */
function jsonText(value: DuckDB.DuckDBValue): string {
  try {
    return canonicalJson(parseExact(value as string));
  } catch {
    return quoteJson(value as string);
  }
}
