import type { Relocation } from '../../safekeeping/relocate/relocate-home.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { alignColumns } from '../render/columns.ts';
import { nextLines } from '../render/next-line.ts';
import type { Page } from '../render/page.ts';
import { plainValues } from '../render/plain-values.ts';
import { counted, humanCount } from '../render/quantities.ts';
import { openKeeping, type Session } from '../session.ts';

/** Makes the tables of a home that was moved or copied name their own files. */
export async function catalogRelocateCommand(
  session: Session,
  { from, execute = false }: { from: string; execute?: boolean },
): Promise<Outcome> {
  const keeping = await openKeeping(session);
  const relocation = await keeping.relocate({ from, execute });
  const done = relocation.executed || relocation.from === null;
  const next = done ? 'tidemark verify' : commandLine('catalog', 'relocate', '--from', from, '--execute');
  const shown = plainValues(relocation);
  return {
    exit: EXIT.done,
    document: { ...relocation, next },
    lines: (page) => [...relocationLines(shown, page), ...nextLines(next, page)],
  };
}

function relocationLines({ executed, from, to, tables, rows }: Relocation, { paint, width }: Page): string[] {
  if (from === null) return [paint.good(`✓ the tables name ${to} already: nothing to do`)];
  const told = Object.entries(rows).filter(([, count]) => count > 0);
  return [
    `from ${from} to ${to}`,
    ...alignColumns(
      tables.map(({ table, snapshots, manifests, dataFiles }) => [
        { text: `bronze.${table}` },
        { text: counted(snapshots, 'snapshot') },
        { text: counted(manifests, 'manifest') },
        { text: `${counted(dataFiles, 'data file')}, all there`, paint: paint.dim },
      ]),
      { columns: [{}, { align: 'right' }, { align: 'right' }, {}], width, indent: '  ' },
    ),
    `  rows of the catalog: ${told.map(([table, count]) => `${humanCount(count)} ${table}`).join(', ')}`,
    executed
      ? paint.good(
          '✓ metadata were written anew, the catalog names them; data files and raw bytes were not touched',
        )
      : 'nothing was changed',
  ];
}
