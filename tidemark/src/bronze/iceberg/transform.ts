/** How a column becomes a partition value. `bucket` and `void` occur in tables of other writers; we do not declare them. */
export type Transform =
  | { readonly kind: 'identity' | 'year' | 'month' | 'day' | 'hour' | 'void' }
  | { readonly kind: 'truncate' | 'bucket'; readonly width: number };

/** Reads the specification's text form, such as `day` or `truncate[4]`; null for anything else. */
export function parseTransform(text: string): Transform | null {
  switch (text) {
    case 'identity':
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
    case 'void':
      return { kind: text };
  }
  const match = /^(truncate|bucket)\[([1-9]\d{0,8})\]$/.exec(text);
  return match === null ? null : { kind: match[1] as 'truncate' | 'bucket', width: Number(match[2]) };
}

export function transformText(transform: Transform): string {
  return 'width' in transform ? `${transform.kind}[${transform.width}]` : transform.kind;
}

/** The Iceberg type of the partition values. */
export function resultType(transform: Transform, sourceType: string): string {
  switch (transform.kind) {
    case 'year':
    case 'month':
    case 'hour':
    case 'bucket':
      return 'int';
    case 'day':
      return 'date';
    default:
      return sourceType;
  }
}

/** The source types each declarable transform takes. A double is never one: NaN and -0.0 have no sound partition. */
const DECLARABLE: Readonly<Record<string, readonly string[]>> = {
  identity: ['string', 'long', 'boolean', 'date', 'timestamptz'],
  year: ['date', 'timestamptz'],
  month: ['date', 'timestamptz'],
  day: ['date', 'timestamptz'],
  hour: ['timestamptz'],
  truncate: ['string', 'long'],
};

/** The source types a declared transform may have; empty for transforms that are not declared here. */
export function sourceTypesOf(transform: Transform): readonly string[] {
  return DECLARABLE[transform.kind] ?? [];
}

/**
 * DuckDB SQL for the partition value of a declarable transform: text for strings, BOOLEAN for booleans, otherwise a whole
 * number in the unit of the result type (days for `date`, microseconds for `timestamptz`). Does not depend on the
 * session's time zone. `truncate` of a long within its width of -2^63 fails in DuckDB, as no long can hold the result.
 */
export function transformSql(
  transform: Transform,
  source: { readonly sql: string; readonly type: string },
): string {
  const { sql, type } = source;
  // AT TIME ZONE turns a TIMESTAMPTZ into a plain UTC timestamp; date_diff then counts boundaries, which is a floor.
  const since = (part: string) =>
    type === 'date'
      ? `date_diff('${part}', DATE '1970-01-01', ${sql})`
      : `date_diff('${part}', TIMESTAMP '1970-01-01', ${sql} AT TIME ZONE 'UTC')`;
  switch (transform.kind) {
    case 'identity':
      return type === 'date' ? since('day') : type === 'timestamptz' ? `epoch_us(${sql})` : sql;
    case 'truncate': {
      const width = transform.width;
      // DuckDB's % has the sign of the dividend; Iceberg truncates downwards.
      return type === 'string'
        ? `left(${sql}, ${width})`
        : `${sql} - ((${sql} % ${width}) + ${width}) % ${width}`;
    }
    case 'void':
    case 'bucket':
      throw new RangeError(`${transform.kind} has no SQL here`);
    default:
      return since(transform.kind);
  }
}
