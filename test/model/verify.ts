import { verifyReference } from './expected/verification.ts';
import type { Stage } from './stage.ts';

/** Verifies everything. What it finds is seen in the incidents. */
export async function verify({ world, model }: Stage): Promise<string[]> {
  if (model.batches.size === 0) return [];
  await world.ask(async (tidemark) => await tidemark.verify());
  verifyReference(model);
  return [];
}
