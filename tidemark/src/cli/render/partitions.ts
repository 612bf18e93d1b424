import type { PartitionRow, PartitionStanding } from '../../evidence/partitions/partition-row.ts';
import type { PartitionsReport } from '../../evidence/partitions/read-partitions.ts';
import type { PartitionReason, PartitionState } from '../../progress/partitions.ts';
import { assetLines } from './asset-lines.ts';
import { alignColumns, type Cell } from './columns.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import type { Paint } from './paint.ts';
import { counted, humanCount } from './quantities.ts';

/** One character a partition, told apart without colour. */
const SIGNS = {
  verified: ['✓', 'good'],
  complete: ['+', 'good'],
  partial: ['~', 'attention'],
  stale: ['!', 'attention'],
  missing: ['✗', 'bad'],
} as const satisfies Record<PartitionState, readonly [sign: string, tone: keyof Paint]>;

const WHY: Record<PartitionReason, string> = {
  not_covered: 'nothing covers it',
  waits_for_commit: 'prepared, not committed',
  due: 'due by its cadence',
  newer_delivery: 'a newer delivery is not in',
  covered_in_part: 'covered in part',
  source_turned_away: 'a source was never let in',
  proof_failed: 'failed its proof',
  still_open: 'more of it may come',
  not_proven: 'not proven yet',
  proven: 'proven',
};

/** Cells of one line: with the name of a manifest and of the newest partition it fits into 80 columns. */
const CELLS = 24;
/** Partitions of a list. */
const LISTED_MAX = 50;

/** One row a manifest, oldest to newest; or, of one state, one line a partition. */
export function partitionLines(
  report: PartitionsReport,
  { page, listed }: { page: Page; listed: PartitionState | null },
): string[] {
  const { manifests, next } = report;
  if (manifests.length === 0) return ['Nothing was ever run here.'];
  const body = listed === null ? gridLines(manifests, page) : listLines(manifests, { page, listed });
  return [
    ...body,
    ...(report.others === 0
      ? []
      : ['', `  and ${counted(report.others, 'more manifest')}: --manifest names one`]),
    '',
    ...(listed === null ? [legend(report, page)] : []),
    ...(next === null || (listed !== null && listed !== 'missing') ? [] : ['', ...nextLines(next, page)]),
  ];
}

function gridLines(manifests: readonly PartitionRow[], { paint, width }: Page): string[] {
  const rows = manifests.flatMap((row) =>
    chunked(row.partitions).map((cells, at): Cell[] => [
      { text: at === 0 ? row.manifestId : '' },
      {
        text: cells.map(({ state }) => SIGNS[state][0]).join(''),
        paint: () => cells.map(({ state }) => painted(state, paint)).join(''),
      },
      { text: cells.at(-1)?.name ?? 'none', paint: paint.dim },
    ]),
  );
  const older = manifests.reduce((sum, row) => sum + row.older, 0);
  return [
    paint.strong('Partitions'),
    '',
    ...alignColumns(rows, { columns: [{ shrinksTo: 16 }, { align: 'right' }, {}], width, indent: '  ' }),
    ...(older === 0 ? [] : ['', `  and ${humanCount(older)} older: --limit, --from and --to choose`]),
  ];
}

/** Oldest first, each line full but the first. */
function chunked(newestFirst: readonly PartitionStanding[]): PartitionStanding[][] {
  const chunks: PartitionStanding[][] = [];
  for (let at = 0; at < newestFirst.length; at += CELLS)
    chunks.unshift(newestFirst.slice(at, at + CELLS).toReversed());
  return chunks.length === 0 ? [[]] : chunks;
}

function painted(state: PartitionState, paint: Paint): string {
  const [sign, tone] = SIGNS[state];
  return paint[tone](sign);
}

function legend({ counts }: PartitionsReport, { paint }: Page): string {
  const parts = Object.entries(SIGNS).map(([state, [sign, tone]]) => {
    const count = counts[state as PartitionState];
    const text = `${sign} ${state} ${humanCount(count)}`;
    return count === 0 ? paint.dim(text) : paint[tone](text);
  });
  return `  ${parts.join('  ')}`;
}

function listLines(
  manifests: readonly PartitionRow[],
  { page, listed }: { page: Page; listed: PartitionState },
): string[] {
  const { paint } = page;
  const all = manifests.flatMap(({ manifestId, partitions }) =>
    partitions.map((partition) => ({ manifestId, partition })),
  );
  if (all.length === 0) return [`No partition is ${listed}.`];
  const rest = all.length - LISTED_MAX;
  return [
    `${paint.strong(counted(all.length, 'partition'))}  ${listed}`,
    '',
    ...assetLines(
      all.slice(0, LISTED_MAX).map(({ manifestId, partition }) => ({
        cells: [
          { text: `${SIGNS[listed][0]} ${listed}`, paint: paint[SIGNS[listed][1]] },
          { text: partition.name },
          { text: manifestId, paint: paint.dim },
        ],
        notes: [whyOf(partition)],
        next: null,
      })),
      { columns: [{}, {}, { shrinksTo: 16 }], page },
    ),
    ...(rest > 0 ? ['', `  and ${humanCount(rest)} more: --from, --to and --manifest choose`] : []),
  ];
}

function whyOf({ reason, sources }: PartitionStanding): string {
  const named = sources.slice(0, 3).join(', ');
  const rest = sources.length > 3 ? ` and ${sources.length - 3} more` : '';
  return sources.length === 0 ? WHY[reason] : `${WHY[reason]}: ${named}${rest}`;
}
