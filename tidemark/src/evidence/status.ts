import { sql } from 'kysely';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findIncidents, type Incident } from '../catalog/find-incidents.ts';
import { listProgress, type SourceProgress } from '../catalog/list-progress.ts';
import type { IncidentSeverity, RunState } from '../catalog/schema.ts';
import type { ManifestSettings } from '../model/manifest-settings.ts';
import { type Answers, answer } from './answers.ts';
import type { Attention } from './attention.ts';
import { type BatchStanding, batchStandings } from './batch-standings.ts';
import { type ChainHead, chainHeads } from './chain.ts';
import { declaredTables } from './declared-tables.ts';
import { type TableStanding, tableStandings } from './downstream.ts';
import { type ManifestStanding, manifestStanding } from './manifest-standing.ts';
import { nextCommand } from './next-command.ts';
import { readAttention } from './read-attention.ts';
import { recordedSettings } from './recorded-settings.ts';
import { type RunInProgress, runsInProgress } from './run-leases.ts';
import { type BatchKey, replacedContracts, unwellBatches } from './unwell-batches.ts';

/** How everything stands. From the catalog and the tables' metadata alone: no data file is opened. */
export interface StatusReport {
  readonly at: string;
  /** For the batch that matters most now: one that runs, else one that is not well, else the latest. */
  readonly answers: Answers | null;
  /** The worst first. */
  readonly manifests: readonly ManifestStanding[];
  /** The latest batch of each manifest, and those that something speaks against. */
  readonly batches: readonly BatchStanding[];
  /** Batches that something speaks against, the latest first. */
  readonly unwell: readonly BatchKey[];
  /** How many there are in all. */
  readonly known: { readonly manifests: number; readonly batches: number };
  readonly inProgress: readonly RunInProgress[];
  /** Runs that never ended and whose process is gone, oldest first. */
  readonly unfinished: readonly string[];
  /** Committed runs whose reconciliation is not sealed and that are not at it now, oldest first. */
  readonly unproven: readonly string[];
  readonly tables: readonly TableStanding[];
  /** Cursor, watermark and verified-through of every source that has one. */
  readonly progress: readonly SourceProgress[];
  /** The head of every evidence chain. Whoever notes it can tell later whether the tail was cut off. */
  readonly chains: readonly ChainHead[];
  /** Found wrong and not resolved, the gravest first; `more` are not told here. */
  readonly incidents: { readonly worst: readonly Incident[]; readonly more: number };
  /** Everything that is not well, each with exactly one command; empty when all is well. */
  readonly attention: readonly Attention[];
}

export interface StatusWorld {
  readonly catalog: CatalogReader;
  readonly manifestSettings: Readonly<Record<string, Partial<ManifestSettings>>>;
  /** The contract that a reference means now; null when it cannot be loaded. */
  readonly contractOf: (ref: string) => { readonly hash: string; readonly table: string } | null;
  readonly now: Date;
}

/** So many are told of; the catalog may hold many more. */
const MANIFESTS_MAX = 200;
const UNWELL_MAX = 40;
const SOURCES_MAX = 2000;
const INCIDENTS_MAX = 20;

export async function readStatus(world: StatusWorld): Promise<StatusReport> {
  const { catalog, contractOf } = world;
  const inProgress = await runsInProgress(catalog);
  const alive = new Set(inProgress.map(({ runId }) => runId));
  const replaced = await replacedContracts(catalog, (ref) => contractOf(ref)?.hash ?? null);
  const unwell = await unwellBatches(catalog, { replacedContracts: replaced, limit: UNWELL_MAX });
  const latest = await latestOfManifests(catalog);
  const batches = await standingsOf(catalog, [...latest, ...unwell]);
  const progress = await listProgress(catalog, { limit: SOURCES_MAX });
  const waiting = await withTables(world, batches.filter(waits));
  const tables = await tableStandings(catalog, waiting);
  const manifests = await manifestStandings(world, { batches, latest, unwell, alive, progress });
  return {
    at: world.now.toISOString(),
    answers: await answer(catalog, { manifests, inProgress, unwell, batches }),
    manifests,
    batches,
    unwell,
    known: await counts(catalog),
    inProgress,
    unfinished: (await runIdsIn(catalog, { state: 'running' })).filter((runId) => !alive.has(runId)),
    unproven: (await runIdsIn(catalog, { state: 'committed' })).filter((runId) => !alive.has(runId)),
    tables,
    progress,
    chains: await chainHeads(catalog),
    incidents: await worstIncidents(catalog),
    attention: [
      ...(await readAttention(catalog, { batches, inProgress: alive })),
      ...tables.flatMap(tableAttention),
    ],
  };
}

async function worstIncidents(catalog: CatalogReader): Promise<StatusReport['incidents']> {
  const { incidents, total } = await findIncidents(catalog, { limit: INCIDENTS_MAX });
  return { worst: incidents, more: total - incidents.length };
}

/** Newest run first. The latest of each is the end of an index: grouping would look at every run there ever was. */
async function latestOfManifests(catalog: CatalogReader): Promise<BatchKey[]> {
  const { rows } = await sql<{ manifestId: string; batchId: string }>`
    SELECT runs.manifest_id AS "manifestId", runs.batch_id AS "batchId" FROM (
      SELECT (SELECT max(run_id) FROM runs WHERE runs.manifest_id = known.manifest_id) AS run_id
      FROM (SELECT DISTINCT manifest_id FROM manifests) AS known) AS latest
    JOIN runs ON runs.run_id = latest.run_id
    ORDER BY runs.run_id DESC LIMIT ${MANIFESTS_MAX}`.execute(catalog);
  return rows.map((row) => ({ ...row }));
}

async function standingsOf(catalog: CatalogReader, keys: readonly BatchKey[]): Promise<BatchStanding[]> {
  const found = new Map<string, BatchStanding>();
  for (const { manifestId, batchId } of keys) {
    const key = JSON.stringify([manifestId, batchId]);
    if (found.has(key)) continue;
    const [standing] = await batchStandings(catalog, { manifestId, batchId });
    if (standing !== undefined) found.set(key, standing);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, standing]) => standing);
}

async function manifestStandings(
  world: StatusWorld,
  facts: {
    batches: readonly BatchStanding[];
    latest: readonly BatchKey[];
    unwell: readonly BatchKey[];
    alive: ReadonlySet<string>;
    progress: readonly SourceProgress[];
  },
): Promise<ManifestStanding[]> {
  const { catalog, now } = world;
  const settings = await recordedSettings(
    world,
    facts.latest.map(({ manifestId }) => manifestId),
  );
  const incidents = await incidentsByManifest(catalog);
  const sources = Map.groupBy(facts.progress, ({ manifestId }) => manifestId);
  const standings = facts.latest.flatMap(({ manifestId, batchId }) => {
    const latest = facts.batches.find(
      (batch) => batch.manifestId === manifestId && batch.batchId === batchId,
    );
    if (latest === undefined) return [];
    const others = facts.unwell.filter(
      (batch) => batch.manifestId === manifestId && batch.batchId !== batchId,
    );
    return manifestStanding({
      latest,
      alive: facts.alive,
      otherBatches: others.length,
      incidents: incidents.get(manifestId) ?? { open: 0, worst: null },
      sources: sources.get(manifestId) ?? [],
      settings: settings.get(manifestId)!,
      nowMs: now.getTime(),
    });
  });
  // Of one health the latest run comes first, as it was read.
  return standings.sort((a, b) => WORST_FIRST[a.health] - WORST_FIRST[b.health]);
}

const WORST_FIRST = { unhealthy: 0, degraded: 1, healthy: 2 } as const;
const SEVERITIES = ['critical', 'major', 'minor'] as const satisfies readonly IncidentSeverity[];

async function incidentsByManifest(
  catalog: CatalogReader,
): Promise<Map<string, ManifestStanding['incidents']>> {
  const rows = await catalog
    .selectFrom('incidents')
    .select((eb) => ['manifest_id', 'severity', eb.fn.countAll<number>().as('open')])
    .where('state', 'in', ['open', 'acknowledged', 'mending'])
    .groupBy(['manifest_id', 'severity'])
    .execute();
  const found = new Map<string, ManifestStanding['incidents']>();
  for (const [manifestId, own] of Map.groupBy(rows, (row) => row.manifest_id ?? '')) {
    const open = own.reduce((sum, row) => sum + row.open, 0);
    const worst = SEVERITIES.find((severity) => own.some((row) => row.severity === severity)) ?? null;
    found.set(manifestId, { open, worst });
  }
  return found;
}

/** Whether what it should bring is not in the tables yet, though it was tried. */
function waits({ lastRun }: BatchStanding): boolean {
  return lastRun !== null && !['committed', 'nothing_to_commit'].includes(lastRun.state);
}

async function withTables(
  { catalog, contractOf }: StatusWorld,
  batches: readonly BatchStanding[],
): Promise<(BatchKey & { tables: string[] })[]> {
  const found = [];
  for (const { manifestId, batchId, lastRun } of batches) {
    const contentHash = lastRun?.manifestHash ?? '';
    const tables = await declaredTables(catalog, { manifestId, contentHash, contractOf });
    found.push({ manifestId, batchId, tables });
  }
  return found;
}

function tableAttention({ table, fault }: TableStanding): Attention[] {
  if (fault === null) return [];
  const message = `Table bronze.${table}: ${fault}`;
  return [{ kind: 'table_unreadable', subject: table, message, next: nextCommand('reconcile') }];
}

async function counts(catalog: CatalogReader): Promise<StatusReport['known']> {
  const manifests = await catalog
    .selectFrom('manifests')
    .select((eb) => eb.fn.count<number>('manifest_id').distinct().as('count'))
    .executeTakeFirst();
  const batches = await catalog
    .selectFrom('batches')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return { manifests: manifests?.count ?? 0, batches: batches?.count ?? 0 };
}

/** Runs of a state that are not proven: for those still running nothing is. */
async function runIdsIn(catalog: CatalogReader, { state }: { state: RunState }): Promise<string[]> {
  const rows = await catalog
    .selectFrom('runs')
    .select('run_id')
    .where('state', '=', state)
    .where('proven', '=', 0)
    .orderBy('run_id')
    .limit(UNWELL_MAX)
    .execute();
  return rows.map((row) => row.run_id);
}
