import { randomBytes } from 'node:crypto';
import type { OpenEngine } from '../bronze/data-engine.ts';
import { planMetadataFile } from '../bronze/iceberg/metadata-file.ts';
import { stageSnapshot } from '../bronze/iceberg/stage-snapshot.ts';
import {
  currentSnapshot,
  newSnapshotId,
  type TableMetadata,
  withTag,
} from '../bronze/iceberg/table-metadata.ts';
import { type OpenTable, openTable } from '../bronze/open-table.ts';
import { formatDigests } from '../bronze/prepared-unit.ts';
import type { TableDefinition } from '../bronze/table-definitions.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { Catalog, CatalogTransaction } from '../catalog/catalog.ts';
import { hasCommitted } from '../catalog/commits.ts';
import { swapTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { ConflictError, OutcomeUnknownError, TransientError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import type { Limits } from '../model/limits.ts';
import type { RestartPoint } from '../model/restart-points.ts';
import { BRONZE_NAMESPACE } from '../model/table-names.ts';
import { foldBeside } from './fold-beside.ts';
import type { CommitPlan, TableAddition } from './plan-commit.ts';
import { type FoldedTable, mergeThreshold, type StagedFold } from './stage-fold.ts';

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

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly tables: readonly CommittedTable[] }
  /** The world moved under prepared units: prepare these tables' units again, then commit. Nothing was written. */
  | { readonly kind: 'stale'; readonly tables: readonly string[] };

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

/**
 * Commits a batch to every table that it touches, whole or not at all.
 * 1. Stage: manifests, manifest lists and metadata files are written; nothing points to them.
 * 2. One catalog transaction swaps every pointer and records everything else: this is the commit point.
 * A lost swap, and a transaction that the catalog ended and that came to nothing, removes what was staged, reloads and
 * stages again; data files are never written twice.
 * @throws ConflictError commit_conflict after `limits.commitAttemptsMax` lost swaps; lease_lost
 */
export async function commitBatch(engine: CommitEngine, request: CommitRequest): Promise<CommitOutcome> {
  for (let attempt = 1; attempt <= engine.limits.commitAttemptsMax; attempt += 1) {
    engine.signal.throwIfAborted();
    request.onAttempt(attempt);
    const opened = await openAll(engine, request);
    for (const { table } of opened) request.inspect(table);
    const stale = await staleTables(request, opened);
    if (stale.length > 0) return { kind: 'stale', tables: stale };
    const staged: StagedTable[] = [];
    let won = false;
    try {
      for (const { addition, table } of opened)
        staged.push(await stage(engine, request, { addition, table }));
      await engine.reached('snapshots_staged');
      for (const { committed, bytes, fold } of staged) {
        await tableIo.write(committed.metadataLocation, bytes);
        if (fold !== null) await tableIo.write(fold.folded.metadataLocation, fold.bytes);
      }
      await engine.reached('metadata_written');
      won = await swapAll(engine, request, staged);
    } catch (error) {
      won = await tookEffect(engine.catalog, request.anchors.runId, error);
      if (!won) {
        await unstage(staged);
        if (attempt === engine.limits.commitAttemptsMax || !mayPass(error)) throw error;
        continue;
      }
    }
    if (won) {
      await engine.reached('committed');
      return { kind: 'committed', tables: staged.map((entry) => entry.committed) };
    }
    await unstage(staged);
  }
  throw new ConflictError({
    code: ERROR_CODES.commit_conflict,
    message: `Another writer moved the tables ${engine.limits.commitAttemptsMax} times while this batch was committed.`,
    next: 'Run the same command again: the prepared data files are kept.',
  });
}

interface StagedTable {
  readonly expected: string | null;
  /** Of the metadata file. */
  readonly bytes: Uint8Array;
  readonly written: readonly string[];
  readonly committed: CommittedTable;
  /** What the newest versions become in the same transaction; null where none are kept. */
  readonly fold: StagedFold | null;
}

interface OpenAddition {
  readonly addition: TableAddition;
  readonly table: OpenTable;
}

async function openAll(engine: CommitEngine, request: CommitRequest): Promise<OpenAddition[]> {
  const opened: OpenAddition[] = [];
  for (const addition of request.plan.tables) {
    const definition = request.definitions.get(addition.table);
    if (definition === undefined) throw new RangeError(`no definition of table ${addition.table}`);
    const { catalog, home } = engine;
    const partitionBy = engine.partitionBy[addition.table] ?? [];
    opened.push({
      addition,
      table: await openTable({ catalog, home, definition, partitionBy, now: engine.clock.now() }),
    });
  }
  return opened;
}

async function staleTables(request: CommitRequest, opened: readonly OpenAddition[]): Promise<string[]> {
  const stale: string[] = [];
  for (const { addition, table } of opened) {
    const sameLayout = addition.files.every((entry) => entry.layout === table.layout);
    if (!sameLayout || !(await request.isFresh(table))) stale.push(addition.table);
  }
  return stale;
}

async function stage(
  engine: CommitEngine,
  request: CommitRequest,
  { addition, table }: OpenAddition,
): Promise<StagedTable> {
  const nowMs = engine.clock.now().getTime();
  const snapshotId = newSnapshotId(randomBytes, table.metadata);
  // The run's id in every name: what a dead run staged is known to be its own.
  const commitUuid = `${request.anchors.runId}-${snapshotId.toString(36)}`;
  const { metadata, written } = await stageSnapshot({
    io: tableIo,
    metadata: keepingHead(table.metadata, addition, request.tag),
    operation: addition.removes.size > 0 ? 'overwrite' : 'append',
    addFiles: addition.files.flatMap((entry) => entry.files),
    removeFilePaths: addition.removes,
    merge: mergeThreshold(engine.limits),
    summary: summaryOf(request, addition),
    snapshotId,
    commitUuid,
    nowMs,
  });
  const file = planMetadataFile({ base: table.base, metadata, uuid: commitUuid, nowMs });
  const committed = {
    table: addition.table,
    snapshotId: String(snapshotId),
    parentSnapshotId: table.headSnapshotId,
    metadataLocation: file.location,
    addedRecords: addition.records,
    totalRecords: Number(currentSnapshot(metadata)?.summary['total-records'] ?? 0),
    totalFiles: Number(currentSnapshot(metadata)?.summary['total-data-files'] ?? 0),
  };
  const fold = await foldBeside(engine, request, { addition, table, after: metadata });
  const ofFold = fold === null ? [] : [...fold.written, fold.folded.metadataLocation];
  return {
    expected: table.base?.location ?? null,
    bytes: file.bytes,
    written: [...written, ...ofFold],
    committed,
    fold,
  };
}

/** A replacement keeps the head that it replaces, under a tag. */
function keepingHead(metadata: TableMetadata, addition: TableAddition, tag: string | null): TableMetadata {
  const head = metadata['current-snapshot-id'];
  if (tag === null || head === null || addition.removes.size === 0) return metadata;
  return withTag(metadata, { name: tag, snapshotId: head });
}

/** Anchors, counts, digests and progress, so that a lost catalog can be rebuilt from the tables. */
function summaryOf(request: CommitRequest, addition: TableAddition): Record<string, string> {
  const { plan, anchors } = request;
  const entries = {
    ...anchorValues(anchors),
    prepared_by: request.preparedBy.join(','),
    revision: String(request.revision),
    window: request.window,
    ...Object.fromEntries(
      Object.entries(plan.tally).map(([name, count]) => [`records_${name}`, String(count)]),
    ),
    ...Object.fromEntries(
      Object.entries(formatDigests(plan.digests)).map(([name, text]) => [`digest_${name}`, text]),
    ),
    units: String(addition.files.length),
    cursors: JSON.stringify(request.cursors),
    watermarks: JSON.stringify(request.watermarks),
  };
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [`tidemark.${name}`, value]));
}

/** @returns false when a pointer had moved: the whole transaction is rolled back. */
async function swapAll(
  engine: CommitEngine,
  request: CommitRequest,
  staged: readonly StagedTable[],
): Promise<boolean> {
  class Lost extends Error {}
  try {
    // This is the commit point: after this transaction the batch is visible, before it nothing of it is.
    await engine.catalog.transaction().execute(async (tx) => {
      for (const { committed, expected, fold } of staged) {
        const swapped = await swapTable(tx, {
          table: committed.table,
          expected,
          next: committed.metadataLocation,
        });
        if (!swapped) throw new Lost(`${BRONZE_NAMESPACE}.${committed.table}`);
        if (fold !== null && !(await swapFold(tx, fold))) throw new Lost(fold.folded.table);
      }
      await request.record(
        tx,
        staged.map((entry) => entry.committed),
        staged.flatMap(({ fold }) => fold?.folded ?? []),
      );
      await engine.reached('inside_commit');
    });
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
}

async function swapFold(tx: CatalogTransaction, { folded, expected }: StagedFold): Promise<boolean> {
  return await swapTable(tx, { table: folded.table, expected, next: folded.metadataLocation });
}

/**
 * Whether it happened is looked up, never guessed: a transaction can fail after it took effect. Looked up in a
 * transaction, which waits for its turn: one whose connection broke may still be about to commit.
 * @throws OutcomeUnknownError commit_outcome_unknown, and what was staged has to stay
 */
async function tookEffect(catalog: Catalog, runId: string, error: unknown): Promise<boolean> {
  try {
    return await catalog.transaction().execute((tx) => hasCommitted(tx, runId));
  } catch {
    throw new OutcomeUnknownError({
      code: ERROR_CODES.commit_outcome_unknown,
      message: `The catalog went away while run ${runId} was committed: ${(error as Error).message}`,
      next: 'Once the catalog answers again: tidemark status. Nothing is lost either way; the same run goes on from there.',
      cause: error,
    });
  }
}

/** Only what a catalog says for sure that it did not do is done again. */
function mayPass(error: unknown): boolean {
  return error instanceof TransientError && PASSING.has(error.code);
}

const PASSING: ReadonlySet<ErrorCode> = new Set([
  ERROR_CODES.catalog_unreachable,
  ERROR_CODES.catalog_interrupted,
]);

async function unstage(staged: readonly StagedTable[]): Promise<void> {
  for (const { written, committed } of staged) {
    for (const uri of [...written, committed.metadataLocation]) await tableIo.remove(uri);
  }
}
