import { quoteIdentifier } from './duck-columns.ts';
import type { TableSchema } from './schema.ts';

export interface SortField {
  readonly transform: string;
  readonly 'source-id': number;
  readonly direction: 'asc' | 'desc';
  readonly 'null-order': 'nulls-first' | 'nulls-last';
}

export interface SortOrder {
  readonly 'order-id': number;
  readonly fields: readonly SortField[];
}

/** Order id 0 is reserved for this by the specification. */
export const UNSORTED: SortOrder = { 'order-id': 0, fields: [] };

/** Ascending by one column, nulls first: the null order that Iceberg's writers default to for `asc`. */
export function ascendingBy(fieldId: number): SortOrder {
  return {
    'order-id': 1,
    fields: [{ transform: 'identity', 'source-id': fieldId, direction: 'asc', 'null-order': 'nulls-first' }],
  };
}

/** The list after DuckDB's ORDER BY; null when unsorted. Only orders by whole columns are known here. */
export function sortSql(order: SortOrder, schema: TableSchema): string | null {
  if (order.fields.length === 0) return null;
  const terms = order.fields.map((field) => {
    const column = schema.fields.find(({ id }) => id === field['source-id']);
    if (column === undefined || field.transform !== 'identity') return null;
    const nulls = field['null-order'] === 'nulls-first' ? 'NULLS FIRST' : 'NULLS LAST';
    return `${quoteIdentifier(column.name)} ${field.direction.toUpperCase()} ${nulls}`;
  });
  return terms.includes(null) ? null : terms.join(', ');
}
