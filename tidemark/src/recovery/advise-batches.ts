import { latestBatches } from '../catalog/batches.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findPlans } from '../catalog/plans.ts';
import { latestRunOfBatch } from '../catalog/runs.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { rerunCommand } from '../evidence/rerun-command.ts';
import { replacedContracts, unwellBatches } from '../evidence/unwell-batches.ts';
import type { Engine } from '../run/engine.ts';
import type { BatchTarget } from './batch-at-hand.ts';
import { batchFacts } from './batch-facts.ts';
import { type BatchQuery, findBatches } from './find-batches.ts';
import type { BatchFacts } from './recommend.ts';
import { type Recommendation, recommend } from './recommend.ts';
import { planAgain, type RecoveryPlan } from './recovery-plan.ts';

/** What is to be done with one batch. */
export interface Advice extends BatchTarget {
  readonly recommendation: Recommendation;
  /** The command that plans it, or the one thing to do; null when there is nothing. */
  readonly next: string | null;
}

/** More batches than this are not gone through one by one: those that something speaks against, and the latest. */
const BATCHES_MAX = 50;
const LATEST = 10;
/** Units whose files are looked for; with more, what the catalog and the incidents say has to do. */
const UNITS_LOOKED_FOR_MAX = 2_000;

/**
 * Advice on every batch that is meant. Where they are very many: on those that something speaks against and on the latest;
 * damage to older files that no incident tells of is for a deep verification to find.
 */
export async function adviseBatches(engine: Engine, query: BatchQuery): Promise<Advice[]> {
  const meant = await findBatches(engine.catalog, { ...query, limit: BATCHES_MAX + 1 });
  const targets = meant.length <= BATCHES_MAX ? meant : await pressing(engine, query);
  const advice: Advice[] = [];
  let looked = 0;
  for (const target of targets) {
    const looks = meant.length === 1 || looked < UNITS_LOOKED_FOR_MAX;
    const { facts, ...advised } = await adviseBatch(engine, { target, looks });
    looked += looks ? (facts?.committedUnits ?? 0) : 0;
    advice.push(advised);
  }
  return advice;
}

/** A manifest that is refused as it is now is a thing to mend, not a reason to tell nothing. `facts` are null then. */
export async function adviseBatch(
  engine: Engine,
  { target, looks }: { target: BatchTarget; looks: boolean },
): Promise<Advice & { readonly facts: BatchFacts | null }> {
  try {
    const facts = await batchFacts(engine, target, { looks });
    const recommendation = recommend(facts);
    const next = await commandOf(engine, { target, recommendation });
    return { ...target, recommendation, next, facts };
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== ERROR_CODES.manifest_refused) throw error;
    const recommendation = { kind: 'mend' as const, reason: error.message };
    return { ...target, recommendation, next: error.next, facts: null };
  }
}

/** Of very many that are meant: those that something speaks against, and the latest, in the order of their names. */
export async function pressing(engine: Engine, query: BatchQuery): Promise<BatchTarget[]> {
  const { catalog, contracts } = engine;
  const replaced = await replacedContracts(catalog, (ref) => {
    const found = contracts.get(ref);
    return found.kind === 'contract' ? found.contract.hash : null;
  });
  const unwell = await unwellBatches(catalog, { replacedContracts: replaced, limit: BATCHES_MAX });
  const latest = await latestBatches(catalog, LATEST);
  const wanted = new Map([...unwell, ...latest].map((target) => [keyOf(target), target]));
  const meant: BatchTarget[] = [];
  for (const [, target] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (await isMeant(catalog, { target, query })) meant.push(target);
  return meant;
}

async function isMeant(
  catalog: CatalogReader,
  { target: { manifestId, batchId }, query }: { target: BatchTarget; query: BatchQuery },
): Promise<boolean> {
  if (query.manifestId !== undefined && query.manifestId !== manifestId) return false;
  if (query.batchId !== undefined && query.batchId !== batchId) return false;
  const { target } = query;
  if (target === undefined || target === manifestId || target === batchId) return true;
  const row = await catalog
    .selectFrom('units')
    .select('unit_key')
    .where('source_id', '=', target)
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function keyOf({ manifestId, batchId }: BatchTarget): string {
  return JSON.stringify([manifestId, batchId]);
}

/** The plan as it is while it may be executed, else the command that makes it anew. */
async function resumeCommand({ catalog, clock }: Engine, planId: string): Promise<string> {
  const [stored] = await findPlans(catalog, planId);
  if (stored === undefined) return 'tidemark status';
  const usable = stored.executedBy === null && stored.expiresAt > clock.now().toISOString();
  return usable
    ? nextCommand(stored.verb, '--execute', planId.slice(0, 12))
    : planAgain(JSON.parse(stored.body) as RecoveryPlan);
}

async function commandOf(
  engine: Engine,
  { target, recommendation: advised }: { target: BatchTarget; recommendation: Recommendation },
): Promise<string | null> {
  const { catalog } = engine;
  const { manifestId, batchId } = target;
  const of = ['--manifest', manifestId, '--batch-id', batchId];
  switch (advised.kind) {
    case 'verb':
      return nextCommand(advised.verb, ...of);
    case 'backfill':
      return nextCommand('backfill', ...of, '--from', advised.from, '--to', advised.to);
    case 'again':
      return await resumeCommand(engine, advised.planId);
    case 'mend':
      return nextCommand('show', batchId);
    case 'wait':
      return nextCommand('status');
    case 'incident':
      return advised.suggestion;
    case 'verify':
      return nextCommand('verify');
    case 'run':
      return await rerunCommand(catalog, {
        ...target,
        manifestHash: (await latestRunOfBatch(catalog, target))?.manifestHash ?? '',
      });
    case 'none':
      return null;
  }
}
