import { readFile } from 'node:fs/promises';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { committedUnitOf } from '../catalog/units.ts';
import { writeDurably } from '../landing/durable-files.ts';
import { plainText } from '../manifest/show-value.ts';
import { wholeName } from '../model/table-names.ts';
import {
  EMPTY_RECORDS,
  RECORD_OUTCOMES,
  type RecordTally,
  recordImbalance,
  sumRecords,
} from '../model/tally.ts';
import { type UnitResult, unitResults } from './asset-result.ts';
import { table } from './render-report.ts';
import type { RunReport } from './run-report.ts';
import { tableHeads } from './table-heads.ts';

/** How the sources of an invocation stand, whichever run brought them there: the same after a second run. */
interface SmokeManifest {
  readonly manifestId: string;
  readonly path: string;
  readonly loadMode: string;
  readonly sources: readonly {
    readonly asset: UnitResult;
    readonly standing: string;
    readonly records: RecordTally;
  }[];
}

/**
 * The smoke report of the main job: what the bundled manifests came to. It holds no ids of runs and no times, and tells
 * the standing of every source rather than what one run did, so that it changes only when the result does.
 */
export async function smokeReport(catalog: CatalogReader, runs: readonly RunReport[]): Promise<string> {
  const manifests: SmokeManifest[] = [];
  for (const run of runs) manifests.push(await standingOf(catalog, run));
  const tables = await tableHeads(catalog);
  const total = sumRecords(manifests.flatMap((manifest) => manifest.sources.map((source) => source.records)));
  const sources = manifests.flatMap((manifest) => manifest.sources);
  const count = (standing: string) => sources.filter((source) => source.standing === standing).length;
  const standings = [...new Set(sources.map((source) => source.standing))].sort();
  return [
    '# Ingest smoke report',
    '',
    'Written by the main job (`npm start`) from the catalog; it changes only when the result changes.',
    'What it stands for: `docs/blueprints/week03/ingestion_baseline_v1.md`.',
    '',
    '## Account',
    '',
    `Sources: ${sources.length} declared = ${standings.map((standing) => `${count(standing)} ${standing}`).join(' + ')}.`,
    '',
    `Records: ${total.read} read = ${RECORD_OUTCOMES.map((name) => `${total[name]} ${name.replaceAll('_', ' ')}`).join(' + ')}` +
      ` — ${recordImbalance(total) === 0 ? 'closed' : `open by ${recordImbalance(total)}`}. Blank lines, counted apart: ${total.blank}.`,
    '',
    '## Tables',
    '',
    ...table(
      ['table', 'rows'],
      tables.map((head) => [wholeName(head.table), String(head.totalRecords)]),
    ),
    ...manifests.flatMap(manifestPart),
  ]
    .flatMap((lines) => lines.split('\n'))
    .map(plainText)
    .join('\n');
}

/** @returns whether the file changed. */
export async function writeIfChanged({ path, text }: { path: string; text: string }): Promise<boolean> {
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before === text) return false;
  await writeDurably(path, text);
  return true;
}

async function standingOf(catalog: CatalogReader, run: RunReport): Promise<SmokeManifest> {
  const sources: SmokeManifest['sources'][number][] = [];
  for (const asset of run.assets.flatMap(unitResults)) {
    const prepared = asset.unitKey === null ? null : await committedUnitOf(catalog, asset.unitKey);
    const records = prepared === null ? EMPTY_RECORDS : decodeUnit(prepared).tally;
    const inBronze = asset.outcome === 'committed' || asset.outcome === 'already_committed';
    sources.push({ asset, standing: inBronze ? 'in Bronze' : asset.outcome, records });
  }
  return { manifestId: run.manifestId, path: run.manifestPath, loadMode: run.loadMode, sources };
}

function manifestPart({ manifestId, path, loadMode, sources }: SmokeManifest): string[] {
  return [
    `## ${manifestId}`,
    '',
    `\`${path}\`, ${loadMode}.`,
    '',
    ...table(
      [
        'source',
        'judgement',
        'standing',
        'read',
        ...RECORD_OUTCOMES.map((name) => name.replaceAll('_', ' ')),
        'why',
      ],
      sources.map(({ asset, standing, records }) => [
        asset.split === undefined ? asset.sourceId : `${asset.sourceId} (${asset.split})`,
        asset.judgement,
        standing,
        String(records.read),
        ...RECORD_OUTCOMES.map((name) => String(records[name])),
        [...asset.findings, ...asset.reasons].map((reason) => reason.rule).join(', ') || '–',
      ]),
    ),
  ];
}
