import type { ColumnType } from '../../contract/contract.ts';
import {
  asColumns,
  columnProblems,
  freshFields,
  highestFieldId,
  type IcebergType,
  type NestedField,
  type TableColumn,
  type TableSchema,
} from './schema.ts';

/** A difference between a table and the columns wanted of it that is more than a new optional column. */
export interface RefusedChange {
  readonly rule:
    | 'columns_unusable'
    | 'type_changed'
    | 'made_required'
    | 'made_optional'
    | 'required_added'
    | 'required_dropped'
    | 'name_differs_in_case';
  /** Dotted path of the column. */
  readonly column: string;
  readonly expected: string;
  readonly found: string;
}

export type SchemaEvolution =
  | { readonly kind: 'unchanged'; readonly unlisted: readonly string[] }
  | {
      readonly kind: 'evolved';
      /** Still with the `schema-id` of the schema it came from: `withSchema` gives it its own. */
      readonly schema: TableSchema;
      readonly lastColumnId: number;
      /** Dotted paths of the new columns and members. */
      readonly added: readonly string[];
      /** Columns of the table that were not asked for; rows written for these columns leave them null. */
      readonly unlisted: readonly string[];
    }
  | { readonly kind: 'refused'; readonly changes: readonly RefusedChange[] };

/**
 * The schema that holds what the table has and what is wanted. Only new optional columns (and new members of structs)
 * are added, with ids from `lastColumnId + 1`; old files read them as null. Docs are not compared. Everything else is
 * refused with all its reasons: it would need old rows rewritten or read differently, which takes a plan.
 */
export function evolveSchema(request: {
  readonly current: TableSchema;
  /** The table's `last-column-id`; never the highest id of the schema, which forgets dropped columns. */
  readonly lastColumnId: number;
  readonly wanted: readonly TableColumn[];
}): SchemaEvolution {
  let lastColumnId = Math.max(request.lastColumnId, highestFieldId(request.current));
  const state: Comparison = { changes: [], added: [], nextId: () => ++lastColumnId };
  for (const problem of columnProblems(request.wanted)) {
    state.changes.push({ rule: 'columns_unusable', column: '', expected: 'usable columns', found: problem });
  }
  const fields = mergeFields(request.current.fields, { wanted: request.wanted, parent: '', state });
  if (state.changes.length > 0) return { kind: 'refused', changes: state.changes };
  const wantedNames = new Set(request.wanted.map((column) => column.name));
  const unlisted = request.current.fields.map((field) => field.name).filter((name) => !wantedNames.has(name));
  if (state.added.length === 0) return { kind: 'unchanged', unlisted };
  return {
    kind: 'evolved',
    schema: { ...request.current, fields },
    lastColumnId,
    added: state.added,
    unlisted,
  };
}

interface Comparison {
  readonly changes: RefusedChange[];
  readonly added: string[];
  readonly nextId: () => number;
}

interface Level {
  readonly wanted: readonly TableColumn[];
  readonly parent: string;
  readonly state: Comparison;
}

function mergeFields(
  current: readonly NestedField[],
  { wanted, parent, state }: Level,
): readonly NestedField[] {
  const byName = new Map(wanted.map((column) => [column.name, column]));
  const known = new Set(current.map((field) => field.name));
  const byFoldedName = new Map(current.map((field) => [field.name.toLowerCase(), field.name]));
  const refuse = (rule: RefusedChange['rule'], name: string, expected: string, found: string) =>
    state.changes.push({ rule, column: parent + name, expected, found });

  const kept = current.map((field) => {
    const column = byName.get(field.name);
    if (column === undefined) {
      if (field.required) refuse('required_dropped', field.name, 'a required column', 'no such column');
      return field;
    }
    if (column.required && !field.required) refuse('made_required', field.name, 'optional', 'required');
    if (!column.required && field.required) refuse('made_optional', field.name, 'required', 'optional');
    return {
      ...field,
      type: mergeType(field.type, { wanted: column.type, path: parent + field.name, state }),
    };
  });

  const fresh = wanted.filter((column) => !known.has(column.name));
  for (const column of fresh) {
    const twin = byFoldedName.get(column.name.toLowerCase());
    if (twin !== undefined) refuse('name_differs_in_case', column.name, twin, column.name);
    if (column.required) refuse('required_added', column.name, 'an optional column', 'a required column');
    state.added.push(parent + column.name);
  }
  return [...kept, ...freshFields(fresh, state.nextId)];
}

function mergeType(
  current: IcebergType,
  { wanted, path, state }: { readonly wanted: ColumnType; readonly path: string; readonly state: Comparison },
): IcebergType {
  if (typeof current !== 'string' && current.type === 'list' && wanted.kind === 'list') {
    return {
      ...current,
      element: mergeType(current.element, { wanted: wanted.element, path: `${path}.element`, state }),
    };
  }
  if (typeof current !== 'string' && current.type === 'struct' && wanted.kind === 'struct') {
    return {
      ...current,
      fields: mergeFields(current.fields, { wanted: asColumns(wanted.fields), parent: `${path}.`, state }),
    };
  }
  const name = wanted.kind === 'json' ? 'string' : wanted.kind;
  const found = typeof current === 'string' ? current : current.type;
  if (name !== found)
    state.changes.push({ rule: 'type_changed', column: path, expected: found, found: name });
  return current;
}
