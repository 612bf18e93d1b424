import type { OpenEngine } from '../bronze/data-engine.ts';
import { openDataEngine } from '../bronze/data-engine.ts';
import type { CommitEngine } from '../commit/commit-request.ts';

/** What maintenance may use of the world. */
export interface MaintenanceEngine extends CommitEngine {
  readonly clock: { now(): Date; newRunId(): string };
}

/** Engines for the data files of an operation; they spill into its scratch folder. */
export function enginesOf({ home, limits }: MaintenanceEngine, operationId: string): OpenEngine {
  return (needs) => openDataEngine({ spillDir: `${home.scratchDir(operationId)}/spill`, limits, ...needs });
}
