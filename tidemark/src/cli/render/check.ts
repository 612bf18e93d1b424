import type { Declarations } from '../../run/load-declarations.ts';
import type { JudgementCounts } from '../plan-report.ts';
import { assetLines } from './asset-lines.ts';
import { manifestHeading } from './manifest-heading.ts';
import { nextLines } from './next-line.ts';
import { judgementCell } from './outcome-sign.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { refusedManifests } from './refused-manifests.ts';
import { wrap } from './wrap.ts';

/** What a manifest declares, judged: plain values, fit to be printed and to be JSON. */
export interface CheckedManifest {
  readonly manifestId: string;
  readonly path: string;
  readonly batchId: string;
  readonly loadMode: string;
  readonly window: string;
  readonly modality: string;
  readonly sourceType: string;
  readonly assets: readonly {
    readonly sourceId: string;
    readonly assetType: string;
    readonly contractRef: string;
    readonly judgement: 'accept' | 'warn' | 'quarantine' | 'reject';
    readonly reasons: readonly { readonly rule: string; readonly message: string }[];
  }[];
}

export interface CheckFacts {
  readonly manifests: readonly CheckedManifest[];
  readonly refused: Declarations['refused'];
  readonly counts: JudgementCounts;
  readonly next: string;
}

export function checkLines(facts: CheckFacts, page: Page): string[] {
  return [
    ...facts.manifests.flatMap((manifest) => manifestLines(manifest, page)),
    ...refusedManifests(facts.refused, page),
    ...checkTotals(facts, page),
  ];
}

export function checkTotals({ manifests, refused, counts, next }: CheckFacts, page: Page): string[] {
  const { paint, width } = page;
  const read = manifests.length + refused.length;
  const judged = `${counts.accepted} accepted, ${counts.warned} warned, ${counts.quarantined} quarantined, ${counts.rejected} rejected`;
  const refusedText = refused.length === 0 ? '' : `, ${humanCount(refused.length)} refused`;
  const text = `${counted(read, 'manifest')}${refusedText}; ${counted(counts.assets, 'asset')}: ${judged}`;
  const good = refused.length === 0 && counts.rejected === 0;
  return [
    ...wrap(`${good ? '✓' : '✗'} ${text}`, { width, first: '', hanging: '  ' }).map(
      good ? paint.good : paint.bad,
    ),
    ...nextLines(next, page),
  ];
}

function manifestLines(manifest: CheckedManifest, page: Page): string[] {
  const { paint } = page;
  const assets = manifest.assets.map(({ sourceId, assetType, judgement, reasons }) => ({
    cells: [judgementCell(judgement, paint), { text: sourceId }, { text: assetType, paint: paint.dim }],
    notes: reasons.map(({ rule, message }) => `${rule}: ${message}`),
    next: null,
  }));
  return [
    ...manifestHeading({ ...manifest, more: [`${manifest.modality}/${manifest.sourceType}`] }, page),
    '',
    ...assetLines(assets, { columns: [{}, { shrinksTo: 24 }, {}], page }),
    '',
  ];
}
