import { rm } from 'node:fs/promises';
import { openDataEngine } from '../bronze/data-engine.ts';
import type { Engine } from '../run/engine.ts';
import type { Stage } from '../run/rehearse-unit.ts';
import type { BatchAtHand } from './batch-at-hand.ts';

/** Where a plan tries things out: a scratch folder of its own, gone when the planning is done. */
export interface PlanningStage extends Stage, AsyncDisposable {
  /** A folder for the next rehearsal. */
  nextDir(): string;
}

export function planningStage(engine: Engine, batch: BatchAtHand): PlanningStage {
  const dir = engine.home.scratchDir(`plan-${engine.clock.newRunId()}`);
  let count = 0;
  return {
    engine,
    manifest: batch.declared.manifest,
    batchId: batch.batchId,
    startedAt: engine.clock.now().toISOString(),
    openEngine: (needs) => openDataEngine({ spillDir: `${dir}/spill`, limits: engine.limits, ...needs }),
    nextDir: () => {
      count += 1;
      return `${dir}/${count}`;
    },
    [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true, force: true }),
  };
}
