import { type AssetResult, BY_POLICY } from '../../evidence/asset-result.ts';
import type { RunReport } from '../../evidence/run-report.ts';
import type { AssetType } from '../../manifest/source-manifest.ts';
import { isRecordAsset } from '../../refine/asset/asset-kind.ts';
import { assetAccount, recordAccount, recordOutcomes } from './account.ts';
import { type AssetLine, assetLines } from './asset-lines.ts';
import type { ColumnLayout } from './columns.ts';
import { failureLines } from './failure-lines.ts';
import { runMaintenanceLines } from './maintenance.ts';
import { manifestHeading } from './manifest-heading.ts';
import { outcomeCell } from './outcome-sign.ts';
import type { Page } from './page.ts';
import { proofLines } from './proof-lines.ts';
import { counted, humanBytes, humanCount } from './quantities.ts';
import { wrap, wrapParts } from './wrap.ts';

/** Everything one run did: whose, each asset, the account, what moved, the proof. Ends with an empty line. */
export function runReportLines(report: RunReport, page: Page): string[] {
  return [
    ...manifestHeading(
      {
        manifestId: report.manifestId,
        batchId: report.batchId,
        path: report.manifestPath,
        loadMode: report.loadMode,
        window: report.window,
        more: [
          `run ${report.runId}`,
          ...(report.retryOf === null ? [] : [`goes on after run ${report.retryOf}`]),
        ],
      },
      page,
    ),
    '',
    ...assetLines(
      report.assets.map((asset) => runAsset(asset, page)),
      { columns: COLUMNS, page },
    ),
    ...(report.assets.length === 0 ? [] : ['']),
    ...accountLines(report, page),
    ...movedLines(report, page),
    ...proofLines(report, page),
    ...(report.failure === null ? [] : failureLines(report.failure, page)),
    ...notComparedLines(report, page),
    ...runMaintenanceLines(report.maintenance, page),
    '',
  ];
}

function notComparedLines({ notCompared }: RunReport, { width, paint }: Page): string[] {
  if (notCompared === undefined) return [];
  const text = `! it could not be compared with the batches before it: ${notCompared.message} The run is good all the same; later: ${notCompared.next}`;
  return wrap(text, { width, hanging: '  ' }).map(paint.attention);
}

/** Outcome, source, records, size. */
const COLUMNS: readonly ColumnLayout[] = [{}, { shrinksTo: 24 }, { align: 'right' }, { align: 'right' }];

function runAsset(asset: AssetResult, { paint }: Page): AssetLine {
  const plain = asset.outcome === 'committed' || asset.outcome === 'already_committed';
  return {
    cells: [
      outcomeCell(asset.outcome, paint),
      { text: asset.sourceId },
      { text: rowsOf(asset), paint: paint.dim },
      { text: asset.sizeBytes === null ? '' : humanBytes(asset.sizeBytes), paint: paint.dim },
    ],
    notes: notesOf(asset),
    next: plain ? null : asset.next,
  };
}

/** `506 records`, or `1 row` for an asset that is a row by itself. */
function rowsOf({ records, table, assetType }: AssetResult): string {
  if (records === null) return '';
  const many = table === null || isRecordAsset({ contractTable: table, assetType: assetType as AssetType });
  return many ? counted(records.read, 'record') : counted(records.read, 'row');
}

/** What a plain commit does not have: an earlier run, records that did not go in, findings, gaps that the gate saw. */
function notesOf(asset: AssetResult): string[] {
  const { records, outcome, committedBy } = asset;
  const notes: string[] = [];
  if (outcome === 'already_committed' && asset.note === `already committed by run ${committedBy}`) {
    return [`by run ${committedBy}`];
  }
  if (records !== null && records.accepted !== records.read) notes.push(recordOutcomes(records));
  if (asset.reused === 'prepared_unit') notes.push('prepared by an earlier run, not done again');
  notes.push(...asset.findings.map(({ rule, message }) => `${rule}: ${message}`));
  notes.push(
    ...asset.reasons
      .filter(({ judgement }) => judgement !== 'accept')
      .map(({ rule, message }) => `${rule}: ${message}`),
  );
  if (asset.note !== null) notes.push(asset.note);
  notes.push(...lateNotes(asset), ...withoutCursorNotes(asset));
  return notes;
}

/** Evidence to set the lookback by, and what no forward run reads. */
function lateNotes({ late, gaps = [] }: AssetResult): string[] {
  const rows = gaps.map(
    ({ field, from, to, source, read }) =>
      `late behind the cursor: ${source} rows of ${field} from ${from} to ${to} at the source, ${read} read`,
  );
  if (late === undefined) return rows;
  const parts = [
    ...(late.within > 0 ? [`${humanCount(late.within)} within the lookback`] : []),
    ...(late.behind > 0 ? [`${humanCount(late.behind)} behind it`] : []),
  ];
  return [`late, before the cursor ${late.cursor}: ${parts.join(', ')}`, ...rows];
}

function withoutCursorNotes({ withoutCursor }: AssetResult): string[] {
  if (withoutCursor === undefined) return [];
  const { field, policy, records } = withoutCursor;
  return [`${counted(records, 'record')} without ${field}, the cursor: ${BY_POLICY[policy]}`];
}

/** A run that was stopped has ended only some of its assets: that is no account that could be open. */
function accountLines({ assets, assetTally, recordTally, failure }: RunReport, page: Page): string[] {
  const unfinished = assetTally.declared - assets.length;
  if (failure !== null && unfinished > 0) {
    const text = `${humanCount(assetTally.declared)} declared; the run stopped before ${counted(unfinished, 'of them', 'of them')} ended`;
    return wrap(text, { width: page.width, first: '  assets   ', hanging: '           ' });
  }
  return [...assetAccount(assetTally, page), ...recordAccount(recordTally, page)];
}

function movedLines({ state, tables }: RunReport, { width, paint }: Page): string[] {
  if (state === 'nothing_to_commit') return [`  tables   ${paint.dim('nothing to commit, no table moved')}`];
  const moved = tables.filter((table) => table.moved);
  if (moved.length === 0) return [];
  const parts = moved.map(({ table, addedRecords }, at) => {
    return `bronze.${table} +${humanCount(addedRecords)}${at === moved.length - 1 ? '' : ','}`;
  });
  return wrapParts(parts, { width, first: '  tables   ', hanging: '           ' });
}
