import { readFile, rm, writeFile } from 'node:fs/promises';
import { decodeUnit } from '../../tidemark/src/bronze/prepared-unit.ts';
import { pathOf } from '../../tidemark/src/bronze/table-io.ts';
import { openSqliteCatalog } from '../../tidemark/src/catalog/open-sqlite.ts';
import { homeAt } from '../../tidemark/src/landing/home.ts';
import { bytesOf, sumOf } from './delivered-bytes.ts';
import type { Unit } from './expected/unit.ts';
import { manifestIdOf } from './names.ts';

/** Where what a unit brought lies, and which other units of the model lie in the same data file. */
export interface StoredUnit {
  readonly sha256: string;
  /** Null: it brought no row. */
  readonly dataFile: string | null;
  readonly inDataFile: readonly Unit[];
}

/** Of a unit with several data files, `at` says which is meant. */
export async function storedUnit(
  home: string,
  { unit, units, at }: { unit: Unit; units: readonly Unit[]; at: number },
): Promise<StoredUnit> {
  const stored = await filesByUnit(home);
  const files = stored.get(identityOf(unit)) ?? [];
  const dataFile = files[at % Math.max(1, files.length)] ?? null;
  const inDataFile = units.filter(
    (one) => dataFile !== null && stored.get(identityOf(one))?.includes(dataFile),
  );
  return { sha256: sumOf(bytesOf(unit.delivery?.lines ?? [])), dataFile, inDataFile };
}

/** The files of every committed unit of records. */
async function filesByUnit(home: string): Promise<Map<string, string[]>> {
  const catalog = openSqliteCatalog({ path: homeAt(home).catalogPath, readOnly: true });
  try {
    const rows = await catalog.selectFrom('units').selectAll().where('state', '=', 'committed').execute();
    return new Map(
      rows.map((row) => {
        const { deduplicates, sourceFingerprint, files } = decodeUnit(row.prepared);
        const identity = [row.manifest_id, row.batch_id, row.source_id, row.split, sourceFingerprint];
        const paths = files.flatMap((entry) => entry.files.map(({ uri }) => pathOf(uri)));
        return [JSON.stringify([...identity, deduplicates]), paths];
      }),
    );
  } finally {
    await catalog.destroy();
  }
}

function identityOf({ manifest, batch, source, split, delivery, decision }: Unit): string {
  const sum = sumOf(bytesOf(delivery?.lines ?? []));
  return JSON.stringify([manifestIdOf(manifest), batch, source, split, sum, decision === null]);
}

/** Changes one byte of a raw object; an empty one is lost. */
export async function alterObject(
  home: string,
  { sha256, at }: { sha256: string; at: number },
): Promise<void> {
  const path = homeAt(home).objectPath('raw', sha256);
  const bytes = await readFile(path);
  if (bytes.length === 0) return await rm(path);
  const place = at % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
