import { findPlans } from '../catalog/plans.ts';
import { latestRunOfBatch } from '../catalog/runs.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { rerunCommand } from '../evidence/rerun-command.ts';
import type { Engine } from '../run/engine.ts';
import type { BatchTarget } from './batch-at-hand.ts';
import { batchFacts } from './batch-facts.ts';
import { type BatchQuery, findBatches } from './find-batches.ts';
import { type Recommendation, recommend } from './recommend.ts';
import { planAgain, type RecoveryPlan } from './recovery-plan.ts';

/** What is to be done with one batch. */
export interface Advice extends BatchTarget {
  readonly recommendation: Recommendation;
  /** The command that plans it, or the one thing to do; null when there is nothing. */
  readonly next: string | null;
}

export async function adviseBatches(engine: Engine, query: BatchQuery): Promise<Advice[]> {
  const advice: Advice[] = [];
  for (const target of await findBatches(engine.catalog, query)) {
    const recommendation = recommend(await batchFacts(engine, target));
    advice.push({ ...target, recommendation, next: await commandOf(engine, { target, recommendation }) });
  }
  return advice;
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
    case 'run':
      return await rerunCommand(catalog, {
        ...target,
        manifestHash: (await latestRunOfBatch(catalog, target))?.manifestHash ?? '',
      });
    case 'none':
      return null;
  }
}
