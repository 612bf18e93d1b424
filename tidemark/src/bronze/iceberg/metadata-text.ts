import { isJsonObject } from '../../model/json.ts';
import { parseJson, printJson } from './lossless-text.ts';
import type { SnapshotRef, TableMetadata } from './table-metadata.ts';

export type TableMetadataReading =
  | { readonly kind: 'parsed'; readonly metadata: TableMetadata }
  | { readonly kind: 'refused'; readonly problems: readonly MetadataProblem[] };

export interface MetadataProblem {
  /** Name of the field, empty for the document. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Reads a metadata file of format version 2, whoever wrote it; nothing in it is rounded or dropped. What the
 * specification lets a writer leave out is filled in, so that the result is whole.
 */
export function parseTableMetadata(text: string): TableMetadataReading {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (error) {
    return refused([{ field: '', expected: 'JSON', found: (error as Error).message }]);
  }
  if (!isJsonObject(parsed)) return refused([{ field: '', expected: 'an object', found: typeof parsed }]);
  const version = parsed['format-version'];
  if (version !== 2) return refused([{ field: 'format-version', expected: '2', found: show(version) }]);

  const shape = SHAPE.filter(({ field, is }) => !is(parsed[field]));
  if (shape.length > 0) {
    return refused(shape.map(({ field, expected }) => ({ field, expected, found: show(parsed[field]) })));
  }
  // The shape of every required field was just checked; what is inside is checked by `contradictions`.
  const metadata = completed(parsed as unknown as Partial<TableMetadata> & RequiredFields);
  const problems = contradictions(metadata);
  return problems.length > 0 ? refused(problems) : { kind: 'parsed', metadata };
}

export function printTableMetadata(metadata: TableMetadata): string {
  return printJson(metadata);
}

type RequiredFields = Pick<TableMetadata, (typeof SHAPE)[number]['field']>;

const isCount = (value: unknown) => Number.isSafeInteger(value);
const isList = (value: unknown) => Array.isArray(value) && value.every(isJsonObject);
const isFilled = (value: unknown) => typeof value === 'string' && value !== '';

const SHAPE = [
  { field: 'table-uuid', expected: 'a UUID', is: isFilled },
  { field: 'location', expected: 'a URI', is: isFilled },
  { field: 'last-sequence-number', expected: 'a whole number', is: isCount },
  { field: 'last-updated-ms', expected: 'milliseconds', is: isCount },
  { field: 'last-column-id', expected: 'a whole number', is: isCount },
  { field: 'schemas', expected: 'a list of schemas', is: isList },
  { field: 'current-schema-id', expected: 'a whole number', is: isCount },
  { field: 'partition-specs', expected: 'a list of partition specs', is: isList },
  { field: 'default-spec-id', expected: 'a whole number', is: isCount },
  { field: 'last-partition-id', expected: 'a whole number', is: isCount },
  { field: 'sort-orders', expected: 'a list of sort orders', is: isList },
  { field: 'default-sort-order-id', expected: 'a whole number', is: isCount },
] as const;

function completed(read: Partial<TableMetadata> & RequiredFields): TableMetadata {
  const declared = read['current-snapshot-id'] ?? null;
  // Older Java writers put -1 where there is no snapshot.
  const current = declared === -1n ? null : declared;
  const main: Record<string, SnapshotRef> =
    current === null ? {} : { main: { 'snapshot-id': current, type: 'branch' } };
  return {
    ...read,
    'format-version': 2,
    properties: read.properties ?? {},
    'current-snapshot-id': current,
    refs: read.refs ?? main,
    snapshots: read.snapshots ?? [],
    'snapshot-log': read['snapshot-log'] ?? [],
    'metadata-log': read['metadata-log'] ?? [],
  };
}

/** References that lead nowhere. Readers fail late on these, or show the wrong table. */
function contradictions(metadata: TableMetadata): readonly MetadataProblem[] {
  const problems: MetadataProblem[] = [];
  const missing = (field: string, expected: string, found: unknown) =>
    problems.push({ field, expected, found: show(found) });
  const snapshotIds = new Set(metadata.snapshots.map((snapshot) => snapshot['snapshot-id']));
  const [schemaId, specId, orderId] = [
    metadata['current-schema-id'],
    metadata['default-spec-id'],
    metadata['default-sort-order-id'],
  ];
  if (!metadata.schemas.some((schema) => schema['schema-id'] === schemaId)) {
    missing('current-schema-id', 'the id of a schema', schemaId);
  }
  if (!metadata['partition-specs'].some((spec) => spec['spec-id'] === specId)) {
    missing('default-spec-id', 'the id of a partition spec', specId);
  }
  if (orderId !== 0 && !metadata['sort-orders'].some((order) => order['order-id'] === orderId)) {
    missing('default-sort-order-id', 'the id of a sort order', orderId);
  }
  const current = metadata['current-snapshot-id'];
  if (current !== null && !snapshotIds.has(current))
    missing('current-snapshot-id', 'the id of a snapshot', current);
  for (const [name, ref] of Object.entries(metadata.refs)) {
    if (!snapshotIds.has(ref['snapshot-id']))
      missing(`refs.${name}`, 'the id of a snapshot', ref['snapshot-id']);
  }
  if ((metadata.refs.main?.['snapshot-id'] ?? null) !== current) {
    missing('refs.main', `current-snapshot-id, ${current}`, metadata.refs.main?.['snapshot-id']);
  }
  const unlisted = metadata.snapshots.find((snapshot) => typeof snapshot['manifest-list'] !== 'string');
  if (unlisted) missing('snapshots.manifest-list', 'a URI', unlisted['manifest-list']);
  return problems;
}

function refused(problems: readonly MetadataProblem[]): TableMetadataReading {
  return { kind: 'refused', problems };
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'object'
    ? Array.isArray(value)
      ? 'a list'
      : value === null
        ? 'null'
        : 'an object'
    : String(value);
}
