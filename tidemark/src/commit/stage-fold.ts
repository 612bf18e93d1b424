import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mayHoldDeletions } from '../bronze/current/deletions.ts';
import { type Fold, type Folded, foldRows, readableFiles } from '../bronze/current/fold-rows.ts';
import { ruleText, type VersionRule } from '../bronze/current/version-rule.ts';
import type { OpenEngine } from '../bronze/data-engine.ts';
import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { rowsSnapshotId } from '../bronze/iceberg/expire-snapshots.ts';
import type { MergeThreshold } from '../bronze/iceberg/merge-manifests.ts';
import { planMetadataFile } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { stageSnapshot } from '../bronze/iceberg/stage-snapshot.ts';
import {
  currentSchema,
  currentSnapshot,
  defaultSortOrder,
  newSnapshotId,
  type TableMetadata,
} from '../bronze/iceberg/table-metadata.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { splitsOf } from '../catalog/unit-splits.ts';
import { assertRoom } from '../landing/free-space.ts';
import type { Home } from '../landing/home.ts';
import { throwIfAway } from '../landing/store/away.ts';
import type { Limits } from '../model/limits.ts';
import { currentOf } from '../model/table-names.ts';
import { FOLDED_FROM_KEY, type ReadFold, readFold, VERSION_RULE_KEY, withColumnsOf } from './open-current.ts';

/** A change of a Bronze table, whose table of newest versions is to follow it. */
export interface BronzeChange {
  readonly table: string;
  /** Its head before; null for a new table, and where the fold is made anew whatever was before. */
  readonly before: TableMetadata | null;
  /** Its head after, whose manifests are written. */
  readonly after: TableMetadata;
  readonly added: readonly DataFile[];
  /** URIs of files that went out. */
  readonly removed: ReadonlySet<string>;
  readonly rule: VersionRule;
}

/** A table of newest versions as a commit left it. */
export interface FoldedTable {
  readonly table: string;
  readonly snapshotId: string;
  readonly parentSnapshotId: string | null;
  readonly metadataLocation: string;
  /** Keys. */
  readonly totalRecords: number;
  /** All other rows of Bronze: older versions, deletions and what they deleted, rows without a key. */
  readonly supersededRecords: number;
  /** Keys that this fold found deleted; absent where no record of the table can delete. */
  readonly deletedKeys?: number;
  readonly totalFiles: number;
}

/** What folding may use of the world. */
export interface FoldEngine {
  readonly catalog: Catalog;
  readonly home: Home;
  readonly limits: Limits;
  readonly clock: { now(): Date };
  readonly openEngine: OpenEngine;
  /** The run or the operation: its files begin with it. */
  readonly id: string;
  /** Keys of the snapshot's summary. */
  readonly summary: Readonly<Record<string, string>>;
}

export interface StagedFold {
  readonly expected: string | null;
  readonly bytes: Uint8Array;
  readonly written: readonly string[];
  readonly folded: FoldedTable;
}

/**
 * Stages what a change of Bronze makes of the newest versions: data files, manifests and metadata that no pointer leads to
 * yet, to be swapped in the transaction that swaps Bronze's pointer, so that no reader sees one without the other.
 *
 * The table follows step by step as long as it is of the rows that Bronze had before and of the same rule. Where it is not
 * (it is new, was lost, another engine wrote to Bronze, the contract orders versions otherwise) or its files cannot be read,
 * it is made anew from all of Bronze.
 */
export async function stageFold(engine: FoldEngine, change: BronzeChange): Promise<StagedFold> {
  const { home, limits } = engine;
  const { rule, after } = change;
  const table = currentOf(change.table);
  const nowMs = engine.clock.now().getTime();
  const dir = home.tableDir(table);
  const read = await readFold(engine.catalog, table);
  const metadata = withColumnsOf(read.base, { schema: currentSchema(after), rule, dir, nowMs });
  const snapshotId = newSnapshotId(randomBytes, metadata);
  const commitUuid = `${engine.id}-${snapshotId.toString(36)}`;
  const target = {
    dir,
    name: commitUuid,
    scratchDir: join(home.scratchDir(engine.id), 'current'),
    specId: metadata['default-spec-id'],
    sortOrderId: defaultSortOrder(metadata)['order-id'],
    fileBytesTarget: limits.currentFileBytesTarget,
  };
  const { added, removed, deletedKeys } = await fold(engine, {
    change,
    read,
    base: {
      target,
      schema: currentSchema(metadata),
      rule,
      live: read.live,
      // In scratch until they are whole. What is new comes on top; where all is made anew, nobody knows how much that is.
      assertRoom: async (rewrittenBytes) =>
        await assertRoom(home.scratchDir(engine.id), {
          what: `Folding ${table}`,
          bytes: rewrittenBytes + change.added.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
          reserveBytes: limits.freeBytesMin,
        }),
    },
  });
  const staged = await stageSnapshot({
    io: tableIo,
    metadata,
    operation: removed.length > 0 ? 'overwrite' : 'append',
    addFiles: added,
    removeFilePaths: new Set(removed),
    merge: mergeThreshold(limits),
    summary: {
      ...engine.summary,
      [FOLDED_FROM_KEY]: String(rowsSnapshotId(after)),
      [VERSION_RULE_KEY]: ruleText(rule),
    },
    snapshotId,
    commitUuid,
    nowMs,
  });
  const file = planMetadataFile({ base: read.base, metadata: staged.metadata, uuid: commitUuid, nowMs });
  const totals = currentSnapshot(staged.metadata)?.summary ?? {};
  const totalRecords = Number(totals['total-records'] ?? 0);
  const versions = Number(currentSnapshot(after)?.summary['total-records'] ?? 0);
  const parent = read.base?.metadata['current-snapshot-id'] ?? null;
  return {
    expected: read.pointer,
    bytes: file.bytes,
    written: [...staged.written, ...added.map(({ uri }) => uri)],
    folded: {
      table,
      snapshotId: String(snapshotId),
      parentSnapshotId: parent === null ? null : String(parent),
      metadataLocation: file.location,
      totalRecords,
      supersededRecords: versions - totalRecords,
      ...(rule.deletion !== undefined && { deletedKeys }),
      totalFiles: Number(totals['total-data-files'] ?? 0),
    },
  };
}

export function mergeThreshold({ manifestsMergeMin, manifestBytesTarget }: Limits): MergeThreshold {
  return { manifestsMin: manifestsMergeMin, manifestBytesTarget };
}

type FoldBase = Pick<Fold, 'target' | 'schema' | 'rule' | 'live' | 'assertRoom'>;

async function fold(
  engine: FoldEngine,
  { change, read, base }: { change: BronzeChange; read: ReadFold; base: FoldBase },
): Promise<Folded> {
  const withEngine = memoryLadder(engine.openEngine);
  if (follows(change, read)) {
    const step = await stepOf(engine, { change, base });
    try {
      return await withEngine((duck) => foldRows(duck, step));
    } catch (error) {
      // A file that is lost or damaged, of the table itself or among those that go out.
      throwUnlessOfFiles(error);
    }
  }
  const versions = (await bronzeFiles(change)).map(({ uri }) => pathOf(uri));
  const splits = await splitsOf(engine.catalog, { table: change.table });
  const anew: Fold = { ...base, versions, touching: null, isAddition: false, deletedBefore: [], splits };
  try {
    return await withEngine((duck) => foldRows(duck, anew));
  } catch (error) {
    throwUnlessOfFiles(error);
    // What Bronze has lost is found by `verify` and brought back by a replay, which must not be kept from it.
    return await withEngine(async (duck) => {
      const paths = await readableFiles(duck, { ...base, paths: versions });
      return await foldRows(duck, { ...anew, versions: paths });
    });
  }
}

/** Whether the table is of the rows that Bronze had before, by the rule that holds now. */
function follows({ before, rule }: BronzeChange, { base, foldedFrom, rule: had }: ReadFold): boolean {
  if (base === null || before === null || had === null) return false;
  return foldedFrom === String(rowsSnapshotId(before)) && ruleText(had) === ruleText(rule);
}

async function stepOf(
  { catalog }: FoldEngine,
  { change, base }: { change: BronzeChange; base: FoldBase },
): Promise<Fold> {
  const added = change.added.map(({ uri }) => pathOf(uri));
  if (change.removed.size === 0) {
    const splits = await splitsOf(catalog, { table: change.table, state: 'prepared' });
    const deletedBefore = await deletionsBefore(change, base);
    return { ...base, versions: added, touching: added, isAddition: true, deletedBefore, splits };
  }
  const removed = [...change.removed].map((uri) => pathOf(uri));
  return {
    ...base,
    versions: (await bronzeFiles(change)).map(({ uri }) => pathOf(uri)),
    touching: [...added, ...removed],
    isAddition: false,
    deletedBefore: [],
    splits: await splitsOf(catalog, { table: change.table }),
  };
}

async function deletionsBefore({ before }: BronzeChange, base: FoldBase): Promise<string[]> {
  if (base.rule.deletion === undefined || before === null) return [];
  const files = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata: before }));
  return mayHoldDeletions(files, base).map(({ uri }) => pathOf(uri));
}

async function bronzeFiles({ after }: BronzeChange): Promise<DataFile[]> {
  return await Array.fromAsync(liveDataFiles({ io: tableIo, metadata: after }));
}

function throwUnlessOfFiles(error: unknown): void {
  throwIfAway(error);
  if (!(error instanceof Error && /^(IO|Invalid|Invalid Input) Error/i.test(error.message))) throw error;
}
