import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { latestBatches } from '../catalog/batches.ts';
import { findIncidents, findIncidentsByKey, type Incident } from '../catalog/find-incidents.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, TidemarkError } from '../errors/tidemark-error.ts';
import type { AssetResult } from '../evidence/asset-result.ts';
import { type BatchAccount, batchAccount } from '../evidence/batch-account.ts';
import { type BatchStanding, batchStandings } from '../evidence/batch-standings.ts';
import { declarationOf } from '../evidence/declared-tables.ts';
import { inProgressIds } from '../evidence/run-leases.ts';
import { stateOf } from '../evidence/state/read-state.ts';
import { replacedContracts, unwellBatches } from '../evidence/unwell-batches.ts';
import { scanManifests } from '../manifest/scan-manifests.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { Engine } from '../run/engine.ts';
import { adviseBatch } from './advise-batches.ts';
import type { BatchTarget } from './batch-at-hand.ts';
import { type Diagnosis, type DiagnosisFacts, diagnose, diagnoseIncident } from './diagnosis.ts';
import { findBatches } from './find-batches.ts';

/** Batches looked through for the most urgent of those that a name means. */
const BATCHES_MAX = 200;
const SOURCES_MAX = 20;
const INCIDENTS_MAX = 20;

/**
 * Goes through what is known of a run's, batch's, manifest's or source's batch, or of the batch of an incident, in the
 * fixed order. Without a target: of the batch that is most urgent. Opens no data file and no source.
 * @returns null where nothing was ever run
 * @throws ConfigurationError not_found
 */
export async function readDiagnosis(engine: Engine, target: string | null): Promise<Diagnosis | null> {
  const named = target === null ? null : await incidentOf(engine, target);
  if (named?.manifestId === null) return diagnoseIncident(named);
  const batch =
    named?.batchId != null && named.manifestId !== null
      ? { manifestId: named.manifestId, batchId: named.batchId }
      : await mostUrgent(engine, named?.manifestId ?? target);
  if (batch === null) return null;
  const facts = await readFacts(engine, { batch, sourceId: named?.sourceId ?? target });
  if (named === null) return diagnose(facts);
  const others = facts.incidents.filter(({ key }) => key !== named.key);
  return diagnose({ ...facts, incidents: [named, ...others] });
}

const KEY_BEGINNING = /^[0-9a-f]{6,16}$/;

async function incidentOf({ catalog }: Engine, target: string): Promise<Incident | null> {
  if (!KEY_BEGINNING.test(target)) return null;
  const [incident, other] = await findIncidentsByKey(catalog, { beginning: target, limit: 2 });
  return other === undefined ? (incident ?? null) : null;
}

/** Of those that a name means the first that something speaks against, what is unfinished before the rest; else the latest. */
async function mostUrgent(engine: Engine, target: string | null): Promise<BatchTarget | null> {
  const { catalog, contracts } = engine;
  const meant =
    target === null
      ? null
      : await findBatches(catalog, { target, limit: BATCHES_MAX }).catch(notFound(target));
  if (meant?.length === 1) return meant[0] ?? null;
  const replaced = await replacedContracts(catalog, (ref) => {
    const found = contracts.get(ref);
    return found.kind === 'contract' ? found.contract.hash : null;
  });
  const unwell = await unwellBatches(catalog, { replacedContracts: replaced, limit: BATCHES_MAX });
  const latest = await latestBatches(catalog, BATCHES_MAX);
  const isMeant = (batch: BatchTarget) => meant === null || meant.some((other) => isSame(other, batch));
  return unwell.find(isMeant) ?? latest.find(isMeant) ?? meant?.[0] ?? null;
}

function notFound(target: string) {
  return (error: unknown): never => {
    if (!(error instanceof TidemarkError) || error.code !== ERROR_CODES.not_found) throw error;
    throw new ConfigurationError({
      code: ERROR_CODES.not_found,
      message: `Nothing here is called ${target}: no run, batch, manifest, source or incident.`,
      next: 'tidemark status',
    });
  };
}

async function readFacts(
  engine: Engine,
  { batch, sourceId }: { batch: BatchTarget; sourceId: string | null },
): Promise<DiagnosisFacts> {
  const { catalog } = engine;
  const [standing] = await batchStandings(catalog, batch);
  const account = await batchAccount(catalog, batch);
  if (standing?.lastRun == null || account === null) throw new RangeError(`no run was of ${batch.batchId}`);
  const { lastRun, committed } = standing;
  const contentHash = lastRun.manifestHash;
  const { sources } = await declarationOf(catalog, { manifestId: batch.manifestId, contentHash });
  const own = await findIncidents(catalog, { manifestId: batch.manifestId, limit: INCIDENTS_MAX });
  const alive = (await inProgressIds(catalog)).has(lastRun.runId);
  const { recommendation, next } = await adviseBatch(engine, { target: batch, looks: true });
  return {
    ...batch,
    manifest: {
      path: standing.manifestPath ?? '',
      hash: contentHash,
      loadMode: standing.loadMode,
      window: standing.window,
      now: await fileNow(engine, standing),
    },
    run: {
      runId: lastRun.runId,
      verb: lastRun.verb,
      state: lastRun.state === 'running' && !alive ? 'died' : lastRun.state,
      startedAt: lastRun.startedAt,
      endedAt: lastRun.endedAt,
      failure: lastRun.failure?.message ?? null,
      runs: await runsOf(engine, batch),
      proven: committed?.proven ?? lastRun.state === 'nothing_to_commit',
      verdict: committed?.verdict ?? null,
    },
    progress: await progressOf(engine, { batch, sourceId }),
    coverage: coverageOf({ sources, account }),
    incidents: own.incidents.filter(({ batchId }) => batchId === null || batchId === batch.batchId),
    advice: { recommendation, next },
  };
}

async function fileNow(
  { root, limits }: Engine,
  { manifestPath, lastRun }: BatchStanding,
): Promise<DiagnosisFacts['manifest']['now']> {
  const path = join(root, manifestPath ?? '');
  if (manifestPath === null || !existsSync(path)) return 'gone';
  const [reading] = await scanManifests({ manifestDirs: [], manifestPaths: [path], limits }).catch(() => []);
  if (reading?.kind !== 'declared') return 'refused';
  return reading.declared.contentHash === lastRun?.manifestHash ? 'same' : 'changed';
}

async function runsOf({ catalog }: Engine, { manifestId, batchId }: BatchTarget): Promise<number> {
  const { count } = await catalog
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Of the sources that the batch has persisted; of the one that was asked for, where it is among them. */
async function progressOf(
  { catalog, clock }: Engine,
  { batch, sourceId }: { batch: BatchTarget; sourceId: string | null },
): Promise<DiagnosisFacts['progress']> {
  const rows = await catalog
    .selectFrom('checkpoints')
    .innerJoin('units', 'units.unit_key', 'checkpoints.unit_key')
    .select(['units.table_name as table', 'checkpoints.source_id as sourceId'])
    .distinct()
    .where('checkpoints.manifest_id', '=', batch.manifestId)
    .where('checkpoints.batch_id', '=', batch.batchId)
    .where('units.table_name', '<>', QUARANTINE_TABLE)
    .orderBy('checkpoints.source_id')
    .limit(SOURCES_MAX)
    .execute();
  const asked = rows.filter((row) => row.sourceId === sourceId);
  const states = [];
  for (const source of asked.length > 0 ? asked : rows)
    states.push(await stateOf(catalog, { source, now: clock.now() }));
  return states;
}

/** How each declared source stands, by the latest run that took it. */
function coverageOf({
  sources,
  account,
}: {
  sources: readonly string[];
  account: BatchAccount;
}): DiagnosisFacts['coverage'] {
  const assets = account.kind === 'ended' ? account.end.assets : account.assets;
  const found = new Map(assets.map((asset) => [asset.sourceId, asset]));
  const isIn = (sourceId: string) => IN_THE_TABLES.includes(found.get(sourceId)?.outcome ?? '');
  const missing = sources.filter((sourceId) => !isIn(sourceId));
  return {
    declared: sources.length,
    landed: sources.filter((sourceId) => found.get(sourceId)?.sourceFingerprint != null).length,
    committed: sources.length - missing.length,
    missing: missing.map((sourceId) => ({ sourceId, why: whyMissing(found.get(sourceId)) })),
  };
}

const IN_THE_TABLES = ['committed', 'already_committed'];

function whyMissing(asset: AssetResult | undefined): string {
  if (asset === undefined) return 'no run has taken it to its end';
  const [finding] = asset.findings;
  const [reason] = asset.reasons.filter(({ judgement }) => judgement !== 'accept' && judgement !== 'warn');
  const why = finding ?? reason;
  return why === undefined ? asset.outcome : `${asset.outcome}, ${why.rule}: ${why.message}`;
}

function isSame(a: BatchTarget, b: BatchTarget): boolean {
  return a.manifestId === b.manifestId && a.batchId === b.batchId;
}
