import { randomUUID } from 'node:crypto';
import { parseRule, type VersionRule } from '../bronze/current/version-rule.ts';
import { type LocatedMetadata, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { type LiveFile, liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { columnByName, highestFieldId, type TableSchema } from '../bronze/iceberg/schema.ts';
import { ascendingBy, UNSORTED } from '../bronze/iceberg/sort-order.ts';
import {
  currentSchema,
  currentSnapshot,
  newTableMetadata,
  type TableMetadata,
  withSchema,
} from '../bronze/iceberg/table-metadata.ts';
import { tableIo, uriOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { throwIfAway } from '../landing/store/away.ts';

/** Keys of a fold's snapshot summary: the Bronze snapshot whose rows it holds the newest of, and by which rule. */
export const FOLDED_FROM_KEY = 'tidemark.folded-from';
export const VERSION_RULE_KEY = 'tidemark.version-rule';

/** A table of newest versions as its head says that it is. */
export interface FoldHead {
  readonly foldedFrom: string | null;
  readonly rule: VersionRule | null;
}

export function foldHead(metadata: TableMetadata): FoldHead {
  const summary = currentSnapshot(metadata)?.summary ?? {};
  return { foldedFrom: summary[FOLDED_FROM_KEY] ?? null, rule: parseRule(summary[VERSION_RULE_KEY]) };
}

/** The same, with its files. What cannot be read is made anew, since Bronze has every row of it. */
export interface ReadFold extends FoldHead {
  /** What the catalog points to, readable or not. */
  readonly pointer: string | null;
  readonly base: LocatedMetadata | null;
  readonly live: readonly LiveFile[];
}

export async function readFold(catalog: CatalogReader, table: string): Promise<ReadFold> {
  const pointer = (await findTable(catalog, table))?.metadataLocation ?? null;
  const none = { pointer, base: null, live: [], foldedFrom: null, rule: null };
  if (pointer === null) return none;
  try {
    const base = await readTableMetadata(tableIo, pointer);
    const live = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata: base.metadata }));
    return { pointer, base, live, ...foldHead(base.metadata) };
  } catch (error) {
    throwIfAway(error);
    return none;
  }
}

/** The table's metadata with the columns of Bronze, id for id, sorted by its key. */
export function withColumnsOf(
  base: LocatedMetadata | null,
  { schema, rule, dir, nowMs }: { schema: TableSchema; rule: VersionRule; dir: string; nowMs: number },
): TableMetadata {
  if (base !== null) {
    const same = JSON.stringify(currentSchema(base.metadata).fields) === JSON.stringify(schema.fields);
    const lastColumnId = highestFieldId(schema);
    return same
      ? base.metadata
      : withSchema(base.metadata, { kind: 'evolved', schema, lastColumnId, added: [], unlisted: [] });
  }
  const key = columnByName(schema, rule.key);
  return newTableMetadata({
    uuid: randomUUID(),
    location: uriOf(dir),
    schema: { ...schema, 'schema-id': 0 },
    sortOrder: key === null ? UNSORTED : ascendingBy(key.id),
    nowMs,
  });
}
