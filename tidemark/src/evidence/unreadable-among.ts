import { type DataEngine, sqlList } from '../bronze/data-engine.ts';
import { pathOf } from '../bronze/table-io.ts';
import { throwIfAway } from '../landing/store/away.ts';
import type { TableFacts } from './reconcile.ts';

/**
 * Asked once reading them together has failed: which data files cannot be read whole, every column of every row, and why.
 * None: the failure was none of theirs. A footer and the anchors may be read of a file that is damaged elsewhere.
 */
export async function unreadableAmong(
  engine: DataEngine,
  uris: readonly string[],
): Promise<TableFacts['unreadable']> {
  const unreadable: { uri: string; why: string }[] = [];
  for (const uri of uris) {
    const every = `SELECT max(hash(file)) FROM read_parquet(${sqlList([pathOf(uri)])}) AS file`;
    await engine.rows(every).catch((error: Error) => {
      throwIfAway(error);
      unreadable.push({ uri, why: error.message.split('\n')[0] ?? error.message });
    });
  }
  return unreadable;
}
