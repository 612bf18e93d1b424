import type { OpenEngine } from '../bronze/data-engine.ts';
import type { TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import { currentOf } from '../model/table-names.ts';
import type { TableAddition } from './plan-commit.ts';
import { type FoldEngine, type StagedFold, stageFold } from './stage-fold.ts';

/** A Bronze table whose next snapshot is staged, in the commit of a run. */
export interface StagedAddition {
  readonly addition: TableAddition;
  readonly table: OpenTable;
  /** With the snapshot that is staged. */
  readonly after: TableMetadata;
}

/**
 * Stages what a commit makes of the newest versions beside a table. Null where nobody wants them and they are not kept: once
 * they are, every commit is followed, so that none is ever missing from them.
 */
export async function foldBeside(
  engine: Omit<FoldEngine, 'openEngine' | 'id' | 'summary'>,
  {
    anchors,
    foldsInto,
    openEngine,
  }: { anchors: Anchors; foldsInto: ReadonlySet<string>; openEngine: OpenEngine },
  { addition, table, after }: StagedAddition,
): Promise<StagedFold | null> {
  const { name, versions: rule } = table.definition;
  if (rule === undefined) return null;
  if (!foldsInto.has(name) && (await findTable(engine.catalog, currentOf(name))) === null) return null;
  const summary = Object.fromEntries(
    Object.entries(anchorValues(anchors)).map(([key, value]) => [`tidemark.${key}`, value]),
  );
  return await stageFold(
    { ...engine, openEngine, id: anchors.runId, summary },
    {
      table: name,
      before: table.base?.metadata ?? null,
      after,
      added: addition.files.flatMap(({ files }) => files),
      removed: addition.removes,
      rule,
    },
  );
}
