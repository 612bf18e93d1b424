import type { CurrentReport } from '../../evidence/run-report.ts';
import { isCurrent, wholeName } from '../../model/table-names.ts';
import type { Invocation } from '../../tidemark.ts';
import { type AssetLine, assetLines } from './asset-lines.ts';
import { keptAt } from './kept-at.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';

/** What is in the tables that belong to no contract. */
const KEPT_BESIDE: Readonly<Record<string, string>> = {
  rejects: 'records that broke their contract, each with its reason',
  skips: 'records that did not enter: duplicates, out of window',
  quarantine: 'sources held back or refused',
};

/** Every table, how many rows it has now, and whether this invocation moved it. */
export function tableLines(
  { invocation: { runs, tables }, home }: { invocation: Invocation; home: string },
  page: Page,
): string[] {
  if (tables.length === 0) return [];
  const { paint } = page;
  const lines = tables.map(({ table, totalRecords }) => {
    const current = runs
      .flatMap((run) => (run.current ?? []).filter((entry) => entry.table === table))
      .at(-1);
    if (isCurrent(table)) return currentLine({ table, totalRecords, current }, page);
    const reports = runs.flatMap((run) => run.tables.filter((entry) => entry.table === table));
    const added = reports.reduce((sum, entry) => sum + entry.addedRecords, 0);
    const moved = reports.some((entry) => entry.moved);
    const beside = KEPT_BESIDE[table];
    return {
      cells: [
        { text: wholeName(table) },
        { text: counted(totalRecords, 'row') },
        { text: moved ? `+${humanCount(added)}` : 'not moved', paint: moved ? paint.good : paint.dim },
      ],
      notes: beside === undefined ? [] : [beside],
      next: null,
    };
  });
  return [
    `${paint.strong('Tables')}  ${paint.dim(`Apache Iceberg, ${keptAt(home, 'warehouse')}`)}`,
    '',
    ...assetLines(lines, { columns: [{ shrinksTo: 20 }, { align: 'right' }, { align: 'right' }], page }),
    '',
  ];
}

/** Of newest versions: a row is a key. */
function currentLine(
  {
    table,
    totalRecords,
    current,
  }: { table: string; totalRecords: number; current: CurrentReport | undefined },
  { paint }: Page,
): AssetLine {
  const moved = current !== undefined;
  return {
    cells: [
      { text: wholeName(table) },
      { text: counted(totalRecords, 'row') },
      { text: moved ? 'folded' : 'not moved', paint: moved ? paint.good : paint.dim },
    ],
    notes: [
      [
        'the newest of each key',
        ...(current?.deletedKeys ? [`${counted(current.deletedKeys, 'key')} deleted`] : []),
        ...(moved ? [`${counted(current.supersededRecords, 'row')} of Bronze superseded`] : []),
      ].join('; '),
    ],
    next: null,
  };
}
