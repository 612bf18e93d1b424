import type { Declarations } from '../../run/load-declarations.ts';
import type { PlannedAsset } from '../../run/plan-ingest.ts';
import type { PerceivedManifest, PlanReport } from '../plan-report.ts';
import { type AssetLine, assetLines } from './asset-lines.ts';
import type { ColumnLayout } from './columns.ts';
import { manifestHeading } from './manifest-heading.ts';
import { nextLines } from './next-line.ts';
import { actionCell, judgementCell } from './outcome-sign.ts';
import type { Page } from './page.ts';
import { counted, humanBytes, humanCount } from './quantities.ts';
import { refusedManifests } from './refused-manifests.ts';
import { wrapParts } from './wrap.ts';

/** What a run would do, manifest by manifest; totals; what to do next. */
export function planLines(
  facts: { manifests: readonly PerceivedManifest[]; refused: Declarations['refused']; report: PlanReport },
  page: Page,
): string[] {
  return [
    ...facts.manifests.flatMap((manifest) => manifestLines(manifest, page)),
    ...refusedManifests(facts.refused, page),
    ...planTotals(facts.report, page),
  ];
}

function manifestLines({ plan, modality, sourceType }: PerceivedManifest, page: Page): string[] {
  const revision = plan.revision === 0 ? 'never committed' : counted(plan.revision, 'commit');
  return [
    ...manifestHeading(
      {
        manifestId: plan.manifestId,
        batchId: plan.batchId,
        path: plan.manifestPath,
        loadMode: plan.loadMode,
        window: plan.window,
        more: [`${modality}/${sourceType}`, revision],
      },
      page,
    ),
    '',
    ...assetLines(
      plan.assets.map((asset) => plannedLine(asset, page)),
      { columns: COLUMNS, page },
    ),
    '',
  ];
}

/** Action, judgement, source, type, size, contract and table. */
const COLUMNS: readonly ColumnLayout[] = [
  {},
  {},
  { shrinksTo: 20 },
  {},
  { align: 'right' },
  { shrinksTo: 12 },
];

function plannedLine(asset: PlannedAsset, { paint }: Page): AssetLine {
  const { action, judgement, why, reasons, sizeBytes, table, contractRef } = asset;
  return {
    cells: [
      actionCell(action, paint),
      judgementCell(judgement, paint),
      { text: asset.sourceId },
      { text: asset.assetType, paint: paint.dim },
      { text: sizeBytes === null ? '–' : humanBytes(sizeBytes), paint: paint.dim },
      { text: table === null ? contractRef : `bronze.${table}`, paint: paint.dim },
    ],
    notes: [why, ...reasons.map(({ rule, message }) => `${rule}: ${message}`)],
    next: null,
  };
}

/** Totals and the next action: also all that `--quiet` leaves. */
export function planTotals({ counts, status, recommended_next_action }: PlanReport, page: Page): string[] {
  const { paint, width } = page;
  const { actions } = counts;
  const layout = { width, hanging: '           ' };
  const would = Object.entries(actions)
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${humanCount(count)} ${WOULD[action as PlannedAsset['action']]}`);
  const judged = [
    [counts.accepted, 'accepted'],
    [counts.warned, 'warned'],
    [counts.quarantined, 'quarantined'],
    [counts.rejected, 'rejected'],
  ].map(([count, word]) => `${humanCount(Number(count))} ${word}`);
  const tone = { ok: paint.good, warning: paint.attention, error: paint.bad }[status];
  const refused = counts.refused_manifests === 0 ? '' : `, ${humanCount(counts.refused_manifests)} refused`;
  return [
    `${paint.strong('Plan')}  ${counted(counts.manifests, 'manifest')}${refused}, ${counted(counts.assets, 'asset')}; nothing was touched`,
    '',
    ...wrapParts(listed(judged), { ...layout, first: '  judged   ' }),
    ...(would.length === 0 ? [] : wrapParts(listed(would), { ...layout, first: '  a run    ' })),
    `  status   ${tone(status)}`,
    '',
    ...nextLines(recommended_next_action, page),
  ];
}

const WOULD: Record<PlannedAsset['action'], string> = {
  ingest: 'would go in',
  skip: 'committed already',
  hold: 'would be held back',
  refuse: 'would be refused',
  unknown: 'known only after reading (--hash tells)',
  fail: 'cannot be read',
};

function listed(parts: readonly string[]): string[] {
  return parts.map((part, at) => (at === parts.length - 1 ? part : `${part},`));
}
