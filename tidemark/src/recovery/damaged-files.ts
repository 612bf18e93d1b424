import { type OpenEngine, sqlText } from '../bronze/data-engine.ts';
import { digestColumns, foldLimbs } from '../bronze/deduplicate.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { hasObject } from '../landing/store-object.ts';
import { digestsEqual } from '../model/digest.ts';

/** Why a committed unit's data files are not what was committed; null when they are, as far as counts and digests tell. */
export async function damageOf(unit: PreparedUnit, openEngine: OpenEngine): Promise<string | null> {
  for (const { table, files } of unit.files) {
    for (const file of files) {
      const path = pathOf(file.uri);
      if (!(await hasObject({ path, sizeBytes: file.sizeBytes })))
        return `data file ${path} is missing or has another size`;
    }
    if (table !== unit.table || !unit.deduplicates) continue;
    const damage = await digestDamage(unit, { paths: files.map((file) => pathOf(file.uri)), openEngine });
    if (damage !== null) return damage;
  }
  return null;
}

async function digestDamage(
  unit: PreparedUnit,
  { paths, openEngine }: { paths: readonly string[]; openEngine: OpenEngine },
): Promise<string | null> {
  await using duck = await openEngine();
  const list = `[${paths.map(sqlText).join(', ')}]`;
  try {
    const [row] = await duck.rows(
      `SELECT ${digestColumns('record_fingerprint')} FROM read_parquet(${list}, union_by_name = true)
       WHERE unit_key = ${sqlText(unit.unitKey)}`,
    );
    return digestsEqual(foldLimbs(row ?? {}), unit.digests.accepted)
      ? null
      : 'the rows in its data files do not have the digest that was committed';
  } catch (error) {
    throwIfAway(error);
    return `its data files cannot be read: ${(error as Error).message.split('\n')[0]}`;
  }
}
