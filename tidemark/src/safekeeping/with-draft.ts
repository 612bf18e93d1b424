import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keeper } from './keeper.ts';

/** A place for a catalog in the making, in the home: where there is room, and where it can be renamed from. */
export async function withDraft<Result>(
  { home, clock }: Pick<Keeper, 'home' | 'clock'>,
  work: (draft: string) => Promise<Result>,
): Promise<Result> {
  const folder = home.scratchDir(`catalog-${clock.newRunId()}`);
  await mkdir(folder, { recursive: true });
  try {
    return await work(join(folder, 'catalog.db'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
