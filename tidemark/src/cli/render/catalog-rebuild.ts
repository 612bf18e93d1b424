import { basename } from 'node:path';
import type { TableDifference } from '../../safekeeping/compare-catalogs.ts';
import type { CatalogRebuild } from '../../safekeeping/rebuild-catalog.ts';
import { alignColumns } from './columns.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** Disagreements that are shown; `--json` has all. */
const SHOWN_MAX = 20;

/** A catalog made from ledger and tables: what it holds, what does not agree, what is lost, what would differ. */
export function catalogRebuildLines(
  rebuild: CatalogRebuild,
  { page, next }: { page: Page; next: string },
): string[] {
  const { paint, width } = page;
  const { disagreements, lost, differences } = rebuild;
  const tell = (text: string, sign: string) =>
    wrap(`${sign} ${text}`, { width, first: '  ', hanging: '    ' });
  const more = disagreements.length - SHOWN_MAX;
  return [
    `from the ledger: ${counted(rebuild.entries, 'entry', 'entries')}; the catalog then has`,
    ...wrap(
      Object.entries(rebuild.restored)
        .map(([table, rows]) => `${humanCount(rows)} ${table.replaceAll('_', ' ')}`)
        .join(', '),
      { width, first: '  ', hanging: '  ' },
    ),
    ...tableLines(rebuild, page),
    ...rebuild.inDoubt.flatMap((runId) =>
      tell(
        `run ${runId} died between commit and proof: its snapshots are whole, it counts as committed`,
        '!',
      ),
    ),
    ...rebuild.cameToNothing.flatMap((runId) =>
      tell(`run ${runId} died inside its commit: nothing of it is visible`, '!'),
    ),
    ...(disagreements.length === 0
      ? [paint.good('✓ ledger and tables agree')]
      : disagreements
          .slice(0, SHOWN_MAX)
          .flatMap((text) => tell(text, '✗'))
          .map(paint.bad)),
    ...(more > 0 ? [`  and ${counted(more, 'more disagreement')} (--json tells all)`] : []),
    'not in ledger and tables:',
    ...lost.flatMap(({ what, again }) => tell(`${what}: ${again}`, '-')),
    ...differenceLines(differences, page),
    ...doneLines(rebuild, page),
    ...nextLines(next, page),
  ];
}

function tableLines({ tables }: CatalogRebuild, { width, paint }: Page): string[] {
  return alignColumns(
    tables.map(({ table, snapshotId, records, metadataLocation, foreign }) => [
      { text: `bronze.${table}` },
      { text: humanCount(records) },
      { text: 'rows' },
      { text: snapshotId ?? 'no snapshot' },
      { text: basename(metadataLocation), paint: paint.dim },
      { text: foreign.length === 0 ? '' : `${foreign.length} of another engine` },
    ]),
    {
      columns: [{}, { align: 'right' }, {}, {}, { shrinksTo: 16 }, {}],
      width,
      indent: '  ',
    },
  );
}

function differenceLines(differences: readonly TableDifference[] | null, { paint, width }: Page): string[] {
  if (differences === null) return ['there is no catalog that can be read to compare it with'];
  if (differences.length === 0) return [paint.good('✓ the catalog as it is says the same')];
  return [
    'against the catalog as it is:',
    ...differences.flatMap(({ table, gone, goneKeys, come, changed }) => {
      const parts = [
        gone > 0
          ? `${humanCount(gone)} forgotten (${goneKeys.join('; ')}${gone > goneKeys.length ? '; …' : ''})`
          : '',
        come > 0 ? `${humanCount(come)} that it lacks` : '',
        changed > 0 ? `${humanCount(changed)} otherwise` : '',
      ];
      const text = `${table}: ${parts.filter((part) => part !== '').join(', ')}`;
      return wrap(`~ ${text}`, { width, first: '  ', hanging: '    ' });
    }),
  ];
}

function doneLines({ path, setAside }: CatalogRebuild, { paint }: Page): string[] {
  if (path === null) return ['nothing was changed'];
  return [paint.good(`✓ ${path}`), ...(setAside === null ? [] : [`  what was there is kept as ${setAside}`])];
}
