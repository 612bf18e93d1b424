import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { type DataEngine, openDataEngine, sqlList } from './data-engine.ts';
import { type Duplicates, NO_DUPLICATES } from './deduplicate.ts';
import { DuplicateSearch } from './duplicate-search.ts';
import { memoryLadder } from './memory-ladder.ts';

const MIB = 1024 * 1024;
const fingerprintOf = (record: number) => hash('sha256', String(record)).slice(0, 32);

/** A unit's records, by number, in stretches. */
type Stretches = readonly (readonly number[])[];

interface Place {
  readonly dir: string;
  /** What every stretch but the last is compared with. */
  open(): Promise<DataEngine>;
}

const opening = (dir: string, duckdbMemoryBytes: number) => () =>
  openDataEngine({ spillDir: join(dir, 'spill'), limits: { ...DEFAULT_LIMITS, duckdbMemoryBytes } });

async function search(stretches: Stretches, { dir, open }: Place): Promise<Duplicates[]> {
  const alone = memoryLadder(opening(dir, 256 * MIB));
  await using searching = new DuplicateSearch({ open, alone, scratchDir: dir });
  const found: Duplicates[] = [];
  let line = 0;
  for (const [at, records] of stretches.entries()) {
    const path = join(dir, `fingerprints-${at}.csv`);
    const lines = records.map((record) => `${fingerprintOf(record)},${++line},${line * 100}\n`);
    await writeFile(path, lines.join(''));
    const stretch = { fingerprintsPaths: records.length > 0 ? [path] : [], keeperFiles: [] };
    const isLast = at === stretches.length - 1;
    found.push(await (isLast ? searching.compareRest(stretch) : searching.compare(stretch)));
  }
  return found;
}

async function rowsOf(engine: DataEngine, found: readonly Duplicates[]) {
  const paths = found.flatMap(({ path }) => path ?? []);
  if (paths.length === 0) return [];
  return await engine.jsonRows(`FROM read_parquet(${sqlList(paths)}) ORDER BY line`);
}

describe('duplicates that are looked for stretch by stretch', () => {
  it('are those of the whole, with the same keepers and occurrences, wherever it is cut', async () => {
    await using folder = await tempFolder();
    const open = opening(folder.path, 64 * MIB);
    await using engine = await open();
    const stretches = fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 12 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(stretches, async (cut) => {
        const place = { dir: folder.path, open };
        const apart = await search(cut, place);
        const rows = await rowsOf(engine, apart);
        assert.deepEqual(rows, await rowsOf(engine, await search([cut.flat()], place)));
        assert.equal(
          apart.reduce((sum, { count }) => sum + count, 0),
          rows.length,
        );
      }),
      { numRuns: 10 },
    );
  });

  it('are found with more memory where what is there beside others is too little', async () => {
    await using folder = await tempFolder();
    const numbers = Array.from({ length: 3000 }, (_, record) => record);
    const place = { dir: folder.path, open: opening(folder.path, MIB / 4) };
    const found = await search([numbers, numbers.slice(0, 2), numbers.slice(1, 3)], place);
    assert.deepEqual(found[0], NO_DUPLICATES);
    await using engine = await opening(folder.path, 64 * MIB)();
    const rows = await rowsOf(engine, found);
    assert.deepEqual(
      rows.map(({ keeper_line, occurrence }) => [Number(keeper_line), Number(occurrence)]),
      [
        [1, 2],
        [2, 2],
        [2, 3],
        [3, 2],
      ],
    );
  });
});
