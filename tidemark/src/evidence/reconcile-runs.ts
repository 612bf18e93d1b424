import type { CatalogReader } from '../catalog/catalog.ts';
import { findRun } from '../catalog/runs.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, InvariantError } from '../errors/tidemark-error.ts';
import type { Archive } from './archive.ts';
import { parseReport } from './batch-standings.ts';
import { entriesOfRun } from './chain.ts';
import { nextCommand } from './next-command.ts';
import { openReadingEngine } from './reading-engine.ts';
import type { Check, Reconciliation } from './reconcile.ts';
import { reconcileRun } from './reconcile-run.ts';
import { rerunCommand } from './rerun-command.ts';
import type { RunReport } from './run-report.ts';

export interface ReconcileQuery {
  /** A run that committed; without it, the run that made each batch what it is. */
  readonly runId?: string;
  /** Takes the sum of every raw object again, which reads all of their bytes. */
  readonly hash?: boolean;
}

/** A committed run held against what is stored now. */
export interface RunReconciliation {
  readonly runId: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly revision: number;
  readonly committedAt: string;
  readonly reconciliation: Reconciliation;
  /** What was found and sealed after the commit; null for a run that was never proven. */
  readonly sealed: Reconciliation | null;
  /** Checks that come out otherwise than when they were sealed. */
  readonly changes: readonly ReconciliationChange[];
  readonly next: string | null;
}

export interface ReconciliationChange {
  readonly name: string;
  readonly subject: string;
  /** What was received, `not checked` where only one of the two had the check. */
  readonly sealed: string;
  readonly now: string;
}

const NOT_CHECKED = 'not checked';

/**
 * Reconciles committed runs again, from the catalog, the tables and the raw objects as they are now, one run at a time.
 * Nothing is sealed: a later look is the caller's to keep. A missing or damaged file is a failed check.
 * @throws ConfigurationError not_found, nothing_to_reconcile
 */
export async function* reconcileRuns(
  archive: Archive,
  query: ReconcileQuery = {},
): AsyncGenerator<RunReconciliation> {
  for (const commit of await chosenCommits(archive.catalog, query.runId)) {
    archive.signal.throwIfAborted();
    yield await reconcileAgain(archive, { commit, hash: query.hash ?? false });
  }
}

interface ChosenCommit {
  readonly runId: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly revision: number;
  readonly committedAt: string;
}

async function reconcileAgain(
  archive: Archive,
  { commit, hash }: { commit: ChosenCommit; hash: boolean },
): Promise<RunReconciliation> {
  const { catalog, limits } = archive;
  const run = await findRun(catalog, commit.runId);
  if (run === null) throw unknown(commit.runId);
  const report = parseReport(run.result);
  if (!isWhole(report)) throw altered(commit.runId);
  const openEngine = async () => await openReadingEngine(limits);
  const { reconciliation } = await reconcileRun({ archive, openEngine, report, hash });
  const sealed = await sealedReconciliation(catalog, commit.runId);
  const { manifestHash } = run;
  return {
    ...commit,
    reconciliation,
    sealed,
    changes: sealed === null ? [] : changesBetween(sealed.checks, reconciliation.checks),
    next: await nextOf(catalog, { commit, manifestHash, reconciliation, sealed }),
  };
}

async function sealedReconciliation(catalog: CatalogReader, runId: string): Promise<Reconciliation | null> {
  const entry = (await entriesOfRun(catalog, runId)).find(({ kind }) => kind === 'reconciliation');
  if (entry === undefined) return null;
  try {
    return (JSON.parse(entry.body) as { reconciliation: Reconciliation }).reconciliation;
  } catch {
    throw altered(runId);
  }
}

function isWhole(report: Partial<RunReport>): report is RunReport {
  return report.assets !== undefined && report.assetTally !== undefined && report.runId !== undefined;
}

/** What is missing has to be put back; a run that was never proven is proven by the next one. Nothing else needs doing. */
async function nextOf(
  catalog: CatalogReader,
  {
    commit,
    manifestHash,
    reconciliation,
    sealed,
  }: {
    commit: ChosenCommit;
    manifestHash: string;
    reconciliation: Reconciliation;
    sealed: Reconciliation | null;
  },
): Promise<string | null> {
  if (reconciliation.verdict === 'fail') {
    const again = nextCommand('reconcile', '--run', commit.runId);
    return `Restore what failed its check from a backup, then: ${again}`;
  }
  return sealed === null ? await rerunCommand(catalog, { ...commit, manifestHash }) : null;
}

/** A raw object is the same check whether its sum was taken again or not. Pure. */
export function changesBetween(sealed: readonly Check[], now: readonly Check[]): ReconciliationChange[] {
  const before = byName(sealed);
  const after = byName(now);
  const changes: ReconciliationChange[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    const { name, subject } = (is ?? was) as Check; // The key is of one of the two.
    if (was?.received === is?.received && was?.expected === is?.expected) continue;
    changes.push({ name, subject, sealed: was?.received ?? NOT_CHECKED, now: is?.received ?? NOT_CHECKED });
  }
  return changes;
}

function byName(checks: readonly Check[]): Map<string, Check> {
  return new Map(
    checks.map((check) => [JSON.stringify([check.name.replace(/^raw_.*/, 'raw'), check.subject]), check]),
  );
}

async function chosenCommits(catalog: CatalogReader, runId: string | undefined): Promise<ChosenCommit[]> {
  if (runId === undefined) return await commitsWhere(catalog, null);
  const commits = await commitsWhere(catalog, runId);
  if (commits.length > 0) return commits;
  if ((await findRun(catalog, runId)) === null) throw unknown(runId);
  throw new ConfigurationError({
    code: ERROR_CODES.nothing_to_reconcile,
    message: `Run ${runId} committed nothing, so nothing of it is in the tables.`,
    next: nextCommand('show', runId),
  });
}

/** Of one run, or for null of the run that made the latest revision of each batch. */
async function commitsWhere(catalog: CatalogReader, runId: string | null): Promise<ChosenCommit[]> {
  let query = catalog
    .selectFrom('commits')
    .innerJoin('batches', (join) =>
      join
        .onRef('batches.manifest_id', '=', 'commits.manifest_id')
        .onRef('batches.batch_id', '=', 'commits.batch_id'),
    )
    .select([
      'commits.run_id as runId',
      'commits.manifest_id as manifestId',
      'commits.batch_id as batchId',
      'commits.revision',
      'commits.committed_at as committedAt',
    ])
    .distinct()
    .orderBy('commits.run_id');
  query =
    runId === null
      ? query.whereRef('commits.revision', '=', 'batches.revision')
      : query.where('commits.run_id', '=', runId);
  return (await query.execute()).map((row) => ({ ...row }));
}

function altered(runId: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.evidence_altered,
    message: `The account of run ${runId} in the catalog cannot be read: it was altered after it was sealed.`,
    next: nextCommand('evidence', 'verify'),
  });
}

function unknown(runId: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `The catalog has no run ${runId}.`,
    next: 'tidemark status',
  });
}
