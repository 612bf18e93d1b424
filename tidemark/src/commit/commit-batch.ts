import { type OpenTable, openTable } from '../bronze/open-table.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { Catalog, CatalogTransaction } from '../catalog/catalog.ts';
import { hasCommitted } from '../catalog/commits.ts';
import { holdTable, swapTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { ConflictError, OutcomeUnknownError, TransientError } from '../errors/tidemark-error.ts';
import { BRONZE_NAMESPACE } from '../model/table-names.ts';
import type { CommitEngine, CommitRequest, CommittedTable } from './commit-request.ts';
import type { StagedFold } from './stage-fold.ts';
import { type OpenAddition, type StagedTable, stageTable, unstage } from './stage-table.ts';

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly tables: readonly CommittedTable[] }
  /** The world moved under prepared units: prepare these tables' units again, then commit. Nothing was written. */
  | { readonly kind: 'stale'; readonly tables: readonly string[] };

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
    const compared = await Promise.all(
      request.plan.comparedWith.map(async (table) => await open(engine, request, table)),
    );
    const stale = await staleTables(request, { opened, compared });
    if (stale.length > 0) return { kind: 'stale', tables: stale };
    const staged: StagedTable[] = [];
    let won = false;
    try {
      for (const { addition, table } of opened)
        staged.push(await stageTable(engine, request, { addition, table }));
      await engine.reached('snapshots_staged');
      for (const { committed, bytes, fold } of staged) {
        await tableIo.write(committed.metadataLocation, bytes);
        if (fold !== null) await tableIo.write(fold.folded.metadataLocation, fold.bytes);
      }
      await engine.reached('metadata_written');
      won = await swapAll(engine, request, { staged, compared });
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

async function openAll(engine: CommitEngine, request: CommitRequest): Promise<OpenAddition[]> {
  const opened: OpenAddition[] = [];
  for (const addition of request.plan.tables)
    opened.push({ addition, table: await open(engine, request, addition.table) });
  return opened;
}

async function open(
  { catalog, home, partitionBy, clock }: CommitEngine,
  { definitions }: CommitRequest,
  name: string,
): Promise<OpenTable> {
  const definition = definitions.get(name);
  if (definition === undefined) throw new RangeError(`no definition of table ${name}`);
  return await openTable({
    catalog,
    home,
    definition,
    partitionBy: partitionBy[name] ?? [],
    now: clock.now(),
  });
}

async function staleTables(
  request: CommitRequest,
  { opened, compared }: { opened: readonly OpenAddition[]; compared: readonly OpenTable[] },
): Promise<string[]> {
  const stale: string[] = [];
  for (const { addition, table } of opened) {
    const sameLayout = addition.files.every((entry) => entry.layout === table.layout);
    if (!sameLayout || !(await request.isFresh(table))) stale.push(addition.table);
  }
  for (const table of compared) if (!(await request.isFresh(table))) stale.push(table.definition.name);
  return stale;
}

/** @returns false when a pointer had moved: the whole transaction is rolled back. */
async function swapAll(
  engine: CommitEngine,
  request: CommitRequest,
  { staged, compared }: { staged: readonly StagedTable[]; compared: readonly OpenTable[] },
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
      for (const { definition, base } of compared) {
        const held =
          base === null || (await holdTable(tx, { table: definition.name, expected: base.location }));
        if (!held) throw new Lost(`${BRONZE_NAMESPACE}.${definition.name}`);
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
