import { basename } from 'node:path';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import { committedUnitsNaming } from '../catalog/unit-places.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { hasObject } from '../landing/store-object.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import type { PlanningStage } from './planning-stage.ts';
import { standIns } from './rehearse-committed.ts';

/**
 * By table: what stands for the rows of others in lost data files that go out with a batch's units. What comes in is compared
 * with them as if they were there: a replay of their own batch brings them back, and would find them doubled.
 */
export async function lostBeside(
  stage: PlanningStage,
  { batch, replaces }: { batch: BatchAtHand; replaces: readonly PreparedUnit[] },
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const standIn = standIns(stage, batch, { ofEarlier: true });
  for (const [uri, { table, sizeBytes }] of sharedFiles(replaces)) {
    if (await hasObject({ path: pathOf(uri), sizeBytes })) continue;
    const named = await committedUnitsNaming(stage.engine.catalog, { table, text: basename(uri) });
    for (const unit of named.map(decodeUnit)) {
      const isOut = replaces.some(({ unitKey }) => unitKey === unit.unitKey);
      if (isOut || filesInTable(unit, table)?.files.some((file) => file.uri === uri) !== true) continue;
      const path = await standIn.unit(unit).catch(nullWhereLost);
      if (path !== null) found.set(table, [...(found.get(table) ?? []), path]);
    }
  }
  return found;
}

/** What cannot be made again here is nothing to compare with: it is as lost as it was. */
function nullWhereLost(error: unknown): null {
  const { table_file_unreadable, manifest_refused } = ERROR_CODES;
  if (
    error instanceof TidemarkError &&
    [table_file_unreadable, manifest_refused].some((code) => code === error.code)
  )
    return null;
  throw error;
}

/** Of the tables that the units' records are in. */
function sharedFiles(units: readonly PreparedUnit[]) {
  const files = new Map<string, { readonly table: string; readonly sizeBytes: number }>();
  for (const unit of units.filter(({ deduplicates }) => deduplicates))
    for (const { table, shared, files: own } of unit.files)
      if (shared && table === unit.table)
        for (const { uri, sizeBytes } of own) files.set(uri, { table, sizeBytes });
  return files;
}
