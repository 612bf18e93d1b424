import type { BatchStanding } from '../../evidence/batch-standings.ts';
import type { StatusReport } from '../../evidence/status.ts';
import { recordOutcomes } from './account.ts';
import { type AssetLine, assetLines } from './asset-lines.ts';
import type { Cell } from './columns.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** The questions of the next morning: what runs, what is in, up to where, what is not well, what to type. */
export function statusLines(status: StatusReport, page: Page): string[] {
  if (status.batches.length === 0) {
    return ['Nothing was ever run here.', ...nextLines('tidemark plan', page)];
  }
  return [
    ...section('In progress', inProgressLines(status, page), page),
    ...section('Batches', batchLines(status, page), page),
    ...section('Tables', tableLines(status, page), page),
    ...section('Up to where', progressLines(status, page), page),
    ...attentionLines(status, page),
  ];
}

function section(title: string, lines: readonly string[], { paint }: Page): string[] {
  return lines.length === 0 ? [] : [paint.strong(title), '', ...lines, ''];
}

function inProgressLines({ inProgress }: StatusReport, { width }: Page): string[] {
  return inProgress.flatMap(({ runId, resource, pid, host, since }) =>
    wrap(
      `run ${runId} of ${resource.replace(/^manifest:/, '')}, process ${pid} on ${host} since ${shortInstant(since)}`,
      {
        width,
        first: '  ',
        hanging: '    ',
      },
    ),
  );
}

function batchLines({ batches, inProgress }: StatusReport, page: Page): string[] {
  const running = new Set(inProgress.map(({ runId }) => runId));
  const lines = batches.map(
    (batch): AssetLine => ({
      cells: [
        stateCell(batch, { page, running }),
        { text: batch.manifestId },
        { text: batch.batchId, paint: page.paint.dim },
      ],
      notes: notesOf(batch),
      next: null,
    }),
  );
  return assetLines(lines, { columns: [{}, {}, { shrinksTo: 16 }], page });
}

function stateCell(
  { lastRun, committed }: BatchStanding,
  { page: { paint }, running }: { page: Page; running: ReadonlySet<string> },
): Cell {
  if (lastRun !== null && running.has(lastRun.runId)) return { text: '> running', paint: paint.attention };
  if (lastRun !== null && lastRun.state !== 'committed' && lastRun.state !== 'nothing_to_commit') {
    return { text: `! ${lastRun.state === 'running' ? 'died' : lastRun.state}`, paint: paint.bad };
  }
  if (committed === null) return { text: '– nothing in', paint: paint.dim };
  if (committed.verdict === 'pass') return { text: '✓ proved', paint: paint.good };
  return committed.verdict === 'fail'
    ? { text: '✗ not proved', paint: paint.bad }
    : { text: '? unproved', paint: paint.attention };
}

function notesOf({ committed, lastRun }: BatchStanding): string[] {
  const last = lastRun === null ? [] : [`last run ${lastRun.runId} at ${shortInstant(lastRun.startedAt)}`];
  if (committed === null) return ['nothing of it is in the tables', ...last];
  const { assetTally, recordTally, committedAt, runId } = committed;
  const assets = assetTally.committed + assetTally.already_committed;
  const records = recordOutcomes(recordTally);
  return [
    `${humanCount(assets)} of ${counted(assetTally.declared, 'asset')} in${records === '' ? '' : `, ${records}`}`,
    `committed ${shortInstant(committedAt)} by run ${runId}`,
    ...(lastRun?.runId === runId ? [] : last),
  ];
}

function tableLines({ tables }: StatusReport, page: Page): string[] {
  const { paint } = page;
  const lines = tables.map((table): AssetLine => {
    const name = { text: `bronze.${table.table}` };
    if (table.fault !== null) return { cells: [name], notes: [`cannot be read: ${table.fault}`], next: null };
    const { totalRecords, totalFiles, snapshotId } = table;
    return {
      cells: [
        name,
        { text: counted(totalRecords, 'row') },
        { text: counted(totalFiles, 'file'), paint: paint.dim },
        { text: snapshotId === null ? 'empty' : `snapshot ${snapshotId}`, paint: paint.dim },
      ],
      notes: [],
      next: null,
    };
  });
  return assetLines(lines, {
    columns: [{ shrinksTo: 20 }, { align: 'right' }, { align: 'right' }, {}],
    page,
  });
}

function progressLines({ progress }: StatusReport, page: Page): string[] {
  const { paint } = page;
  const lines = progress.flatMap(({ table, sourceId, cursor, watermark }): AssetLine[] => {
    const row = (what: string, { field, value }: { field: string; value: string }): AssetLine => ({
      cells: [
        { text: what, paint: paint.dim },
        { text: sourceId },
        { text: `bronze.${table}.${field}`, paint: paint.dim },
        { text: value },
      ],
      notes: [],
      next: null,
    });
    return [
      ...(cursor === null ? [] : [row('cursor', cursor)]),
      ...(watermark === null ? [] : [row('watermark', watermark)]),
    ];
  });
  return assetLines(lines, { columns: [{}, { shrinksTo: 16 }, { shrinksTo: 16 }, {}], page });
}

/** Also all that `--quiet` leaves. */
export function attentionLines({ attention }: Pick<StatusReport, 'attention'>, page: Page): string[] {
  const { paint, width } = page;
  if (attention.length === 0) return [paint.good('✓ all is well')];
  return [
    paint.strong('Needs attention'),
    '',
    ...attention.flatMap(({ message, next }) => [
      ...wrap(`! ${message}`, { width, first: '  ', hanging: '    ' }).map(paint.attention),
      ...nextLines(next, page, '    '),
    ]),
  ];
}
