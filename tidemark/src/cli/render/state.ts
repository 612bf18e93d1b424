import type { NumberedMove } from '../../catalog/progress-moves.ts';
import type { Position, SourceState } from '../../evidence/state/read-state.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Distance } from '../../progress/distance.ts';
import { commandLine } from '../command-line.ts';
import { assetLines } from './asset-lines.ts';
import { alignColumns } from './columns.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';

/** Each source with its four objects of progress and how far they are apart. */
export function stateLines(
  sources: readonly SourceState[],
  { page, target }: { page: Page; target: string | null },
): string[] {
  if (sources.length === 0) {
    return target === null
      ? ['Nothing was ever committed here.', ...nextLines(commandLine('status'), page)]
      : [
          `No source, table, manifest or batch called ${target} has progress.`,
          ...nextLines(commandLine('state', 'show'), page),
        ];
  }
  return [
    ...sources.flatMap((source) => [...sourceLines(source, page), '']),
    ...nextLines(commandLine('state', 'history', sources[0]?.sourceId ?? ''), page),
  ];
}

function sourceLines(source: SourceState, page: Page): string[] {
  const { paint, width } = page;
  const { sourceId, table, manifestId, checkpoint, cursor, watermark, verified } = source;
  const head = `${paint.strong(sourceId)}  ${paint.dim(`bronze.${table}${manifestId === null ? '' : `, ${manifestId}`}`)}`;
  const rows = [
    ...(checkpoint === null
      ? []
      : [row('checkpoint', counted(checkpoint.records, 'record'), `batch ${checkpoint.batchId}`)]),
    ...positionRows('cursor', cursor, null),
    ...positionRows('watermark', watermark, behindText(source.watermarkBehindCursor, 'the cursor')),
    ...positionRows('verified', verified, behindText(source.verifiedBehindWatermark, 'the watermark')),
  ].map((cells) => cells.map((text, at) => ({ text, ...(at === 2 ? { paint: paint.dim } : {}) })));
  const age = source.watermarkAgeMs;
  return [
    head,
    ...alignColumns(rows, { columns: [{}, { shrinksTo: 24 }, { shrinksTo: 12 }], width, indent: '  ' }),
    ...(age === null ? [] : [paint.dim(`  age         ${formatDuration(age)}, from the watermark`)]),
  ];
}

function positionRows(what: string, position: Position | null, apart: string | null): string[][] {
  if (position === null) return [];
  return [row(what, position.value, [position.field, ...(apart === null ? [] : [apart])].join(', '))];
}

function row(what: string, value: string, beside: string): string[] {
  return [what, value, beside];
}

function behindText(distance: Distance | null, what: string): string | null {
  if (distance === null) return null;
  const amount = distance.kind === 'time' ? distance.ms : Number(distance.count);
  if (amount === 0) return `level with ${what}`;
  const size =
    distance.kind === 'time'
      ? formatDuration(Math.abs(distance.ms))
      : humanCount(Math.abs(Number(distance.count)));
  return `${size} ${amount > 0 ? 'behind' : 'ahead of'} ${what}`;
}

/** Moves, newest first; `more` is a limit to ask for where there are others. */
export function historyLines(
  moves: readonly NumberedMove[],
  { page, more, target }: { page: Page; more: number | null; target: string | undefined },
): string[] {
  if (moves.length === 0) {
    const nothing =
      target === undefined
        ? 'Nothing has moved yet.'
        : `Nothing of a source or table called ${target} has moved.`;
    return [nothing, ...nextLines(commandLine('status'), page)];
  }
  const { paint } = page;
  const lines = moves.map((move) => ({
    cells: [
      { text: shortInstant(move.movedAt), paint: paint.dim },
      { text: move.object },
      { text: move.sourceId },
      { text: `${short(move, move.before ?? '–')} → ${short(move, move.after)}` },
      { text: move.cause, paint: move.cause === 'operator' ? paint.attention : paint.dim },
    ],
    notes: [
      `${move.field} of bronze.${move.table}, by ${move.cause === 'operator' ? 'operation' : 'run'} ${move.runId}`,
      ...(move.reason === null ? [] : [`because: ${move.reason}`]),
    ],
    next: null,
  }));
  return [
    ...assetLines(lines, { columns: [{}, {}, { shrinksTo: 12 }, { shrinksTo: 20 }, {}], page }),
    '',
    ...nextLines(
      more === null ? commandLine('state', 'show') : commandLine('state', 'history', '--limit', String(more)),
      page,
    ),
  ];
}

/** A checkpoint moves from unit to unit, whose keys are long. */
function short({ object }: NumberedMove, value: string): string {
  return object === 'checkpoint' ? value.slice(0, 12) : value;
}
