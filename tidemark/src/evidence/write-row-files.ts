import type { DataEngine } from '../bronze/data-engine.ts';
import { throwIfAway } from '../landing/store/away.ts';
import type { TableFacts } from './reconcile.ts';
import { unreadableAmong } from './unreadable-among.ts';
import { type EvidenceFiles, ROW_FILES, writeRows } from './write-evidence.ts';

/**
 * The rows that a folder repeats, as far as they can be read. A file of rows is written whole or not at all: one with a
 * part of them would pass for evidence of all. What keeps it from being written is returned, for the verdict to count.
 */
export async function writeRowFiles(
  engine: DataEngine,
  { folder, tables }: { folder: string; tables: readonly TableFacts[] },
): Promise<{ listed: EvidenceFiles; unreadable: TableFacts['unreadable'] }> {
  let listed: EvidenceFiles = {};
  const unreadable: { uri: string; why: string }[] = [];
  for (const { name, table, orderBy } of ROW_FILES) {
    const facts = tables.find((entry) => entry.table === table);
    if (facts === undefined || facts.unreadable.length > 0) continue;
    const files = facts.files.map(({ uri }) => uri);
    try {
      listed = { ...listed, ...(await writeRows(engine, { folder, name, files, orderBy })) };
    } catch (error) {
      throwIfAway(error);
      const found = await unreadableAmong(engine, files);
      if (found.length === 0) throw error;
      unreadable.push(...found);
    }
  }
  return { listed, unreadable };
}
