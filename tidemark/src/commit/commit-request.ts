import type { OpenEngine } from '../bronze/data-engine.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import type { TableDefinition } from '../bronze/table-definitions.ts';
import type { Catalog, CatalogTransaction } from '../catalog/catalog.ts';
import type { Home } from '../landing/home.ts';
import type { Anchors } from '../model/anchors.ts';
import type { Limits } from '../model/limits.ts';
import type { RestartPoint } from '../model/restart-points.ts';
import type { CommitPlan } from './plan-commit.ts';
import type { FoldedTable } from './stage-fold.ts';

export interface CommittedTable {
  readonly table: string;
  readonly snapshotId: string;
  readonly parentSnapshotId: string | null;
  readonly metadataLocation: string;
  readonly addedRecords: number;
  /** Of the whole table, after the commit. */
  readonly totalRecords: number;
  readonly totalFiles: number;
}

/** What committing may use of the world. */
export interface CommitEngine {
  readonly catalog: Catalog;
  readonly home: Home;
  readonly limits: Limits;
  readonly partitionBy: Readonly<Record<string, readonly string[]>>;
  readonly clock: { now(): Date };
  readonly signal: AbortSignal;
  reached(point: RestartPoint): Promise<void> | void;
}

export interface CommitRequest {
  onAttempt(attempt: number): void;
  readonly plan: CommitPlan & { kind: 'commit' };
  readonly definitions: ReadonlyMap<string, TableDefinition>;
  /** `sourceFingerprint` is the batch's; `runId` the committing run. */
  readonly anchors: Anchors;
  readonly revision: number;
  readonly window: string;
  readonly cursors: Readonly<Record<string, string>>;
  readonly watermarks: Readonly<Record<string, string>>;
  readonly preparedBy: readonly string[];
  /** Name of a tag that keeps each table's head as it was before a replacement; null for an append. */
  readonly tag: string | null;
  /** Bronze tables whose newest versions are to be kept beside them from now on; where they are already, they always are. */
  readonly foldsInto: ReadonlySet<string>;
  readonly openEngine: OpenEngine;
  /** Looks at each table as it is before anything is staged on top; throws to stop the commit. Asked at every attempt. */
  inspect(table: OpenTable): void;
  /** Whether prepared units of a table are still deduplicated against its head. Asked at every attempt. */
  isFresh(table: OpenTable): Promise<boolean>;
  /** Everything that must be true together with the data: ledger, progress, evidence. Runs inside the transaction. */
  record(
    tx: CatalogTransaction,
    committed: readonly CommittedTable[],
    folded: readonly FoldedTable[],
  ): Promise<void>;
}
