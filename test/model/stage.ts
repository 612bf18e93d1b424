import type { Plan } from './expected/purpose.ts';
import type { Reference } from './expected/reference.ts';
import type { World } from './world.ts';

/** Where a story is played: the world, and the model beside it. */
export interface Stage {
  readonly world: World;
  readonly model: Reference;
  /** Plans by id: what the model makes of each. */
  readonly plans: Map<string, Plan>;
  /** By batch: the run that was the last of it; of one that died nobody was told the name. */
  readonly lastRuns: Map<string, string | null>;
}

/** What an engine that refuses says. Anything else that is thrown is a bug. */
export function refusal(error: unknown): { refused: string } {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return { refused: `${error.code} ${error.message}` };
}
