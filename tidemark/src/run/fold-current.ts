import { contractTable } from '../bronze/table-definitions.ts';
import type { FoldedTable } from '../commit/stage-fold.ts';
import { refold, whyRefold } from '../maintain/refold.ts';
import { settingsOf } from '../model/manifest-settings.ts';
import { currentOf } from '../model/table-names.ts';
import type { RunContext } from './run-context.ts';

/** Bronze tables of the run's contracts beside which its manifest wants the newest versions kept. */
export function tablesToFold(run: Pick<RunContext, 'engine' | 'manifest' | 'assets'>): ReadonlySet<string> {
  const { writeMode } = settingsOf(run.engine.manifestSettings, run.manifest);
  if (writeMode !== 'current_by_key') return new Set();
  return new Set(run.assets.flatMap(({ contract }) => contract?.traits.table ?? []));
}

/**
 * A run that commits nothing folds what its manifest wants folded and is not: the write mode, or the rule, was declared after
 * the rows came in, or the table of newest versions was lost.
 */
export async function foldWhatIsMissing(run: RunContext): Promise<FoldedTable[]> {
  const folded: FoldedTable[] = [];
  for (const table of tablesToFold(run)) {
    const contract = run.assets.find((asset) => asset.contract?.traits.table === table)?.contract;
    const rule = contract == null ? null : (contractTable(contract).versions ?? null);
    if ((await whyRefold(run.engine, currentOf(table), rule)) === null) continue;
    const made = await refold(run.engine, { table, rule, operationId: run.engine.clock.newRunId() });
    if (made !== null) folded.push(made);
  }
  return folded;
}
