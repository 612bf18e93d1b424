import { join } from 'node:path';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { discardUnit } from '../catalog/units.ts';
import type { Home } from '../landing/home.ts';
import { listFiles, namesIn } from '../landing/store/stored-files.ts';
import { hasObject } from '../landing/store-object.ts';

/** Something that was in the catalog alone, and how it is had again. */
export interface Loss {
  readonly what: string;
  readonly again: string;
}

/** What no ledger holds, whatever was in the catalog. */
export const IN_THE_CATALOG_ALONE: readonly Loss[] = [
  { what: 'incidents and their acknowledgements', again: 'tidemark verify finds what is still wrong' },
  { what: 'plans that were not executed', again: 'tidemark recover plans again' },
  {
    what: 'windows that tidemark reconcile looked at after their run was proven',
    again: 'tidemark reconcile',
  },
  { what: 'the remembered sums of source files', again: 'the next run takes them again' },
];

/** Objects told at once; their number is told whole. */
const NAMED_MAX = 5;

/** What this home shows to be lost: bytes that are gone, bytes that nobody delivered, work that was under way. */
export async function whatIsLost(catalog: Catalog, home: Home): Promise<Loss[]> {
  return [
    ...(await lostPreparations(catalog)),
    ...(await objectsOnOneSide(catalog, home)),
    ...(await runsUnderWay(catalog, home)),
  ];
}

/** A preparation whose files are gone was discarded after it was sealed. */
async function lostPreparations(catalog: Catalog): Promise<Loss[]> {
  const rows = await catalog
    .selectFrom('units')
    .select(['unit_key', 'prepared_by', 'prepared'])
    .where('state', '=', 'prepared')
    .execute();
  for (const row of rows) {
    const files = decodeUnit(row.prepared).files.flatMap((entry) => entry.files);
    const there = await Promise.all(
      files.map(({ uri, sizeBytes }) => hasObject({ path: pathOf(uri), sizeBytes })),
    );
    if (!there.every(Boolean))
      await discardUnit(catalog, { unitKey: row.unit_key, preparedBy: row.prepared_by });
  }
  return [];
}

async function objectsOnOneSide(catalog: Catalog, home: Home): Promise<Loss[]> {
  const rows = await catalog.selectFrom('objects').select(['sha256', 'zone']).execute();
  const recorded = new Set(rows.map(({ sha256 }) => sha256));
  const stored = new Set(
    (
      await Promise.all((['raw', 'quarantine'] as const).map((zone) => sumsIn(join(home.storeDir, zone))))
    ).flat(),
  );
  const gone = rows.filter(({ sha256 }) => !stored.has(sha256)).map(({ sha256 }) => sha256);
  const strange = [...stored].filter((sha256) => !recorded.has(sha256));
  return [
    ...told(gone, 'stored objects that were received and are gone', 'tidemark verify names what mends each'),
    ...told(
      strange,
      'stored objects that no sealed run received',
      'a run that delivers the same bytes uses them; tidemark verify tells of them',
    ),
  ];
}

function told(sums: readonly string[], what: string, again: string): Loss[] {
  if (sums.length === 0) return [];
  const named = sums.slice(0, NAMED_MAX).map((sum) => sum.slice(0, 16));
  const more = sums.length > named.length ? ', …' : '';
  return [{ what: `${sums.length} ${what} (${named.join(', ')}${more})`, again }];
}

async function sumsIn(zone: string): Promise<string[]> {
  const sums: string[] = [];
  for await (const { name } of listFiles(zone)) if (/^[0-9a-f]{64}$/.test(name)) sums.push(name);
  return sums;
}

/** Runs that left something and were never sealed. */
async function runsUnderWay(catalog: Catalog, home: Home): Promise<Loss[]> {
  const left = await Promise.all(
    [join(home.dir, 'landing'), home.evidenceDir].map((folder) => namesIn(folder)),
  );
  const lost: string[] = [];
  for (const runId of new Set(left.flat().filter((name) => /^[0-9a-f]{8}-/.test(name)))) {
    const known = await catalog
      .selectFrom('runs')
      .select('run_id')
      .where('run_id', '=', runId)
      .executeTakeFirst();
    if (known === undefined) lost.push(runId);
  }
  return lost.map((runId) => ({
    what: `run ${runId}, which was never sealed`,
    again: 'tidemark run does its work anew',
  }));
}
