import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contract, Violation } from '../../tidemark/src/contract/contract.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { refineRecords } from '../../tidemark/src/refine/refine-records.ts';
import type { Lane, RefinedUnit } from '../../tidemark/src/refine/refined.ts';

/** Violations of each line, in their order; none: it was accepted. The first line is 1. */
export type LineVerdicts = ReadonlyMap<number, readonly Violation[]>;

/** Refines a file of these bytes in every lane, in which everything that is recorded of a line has to be the same. */
export async function judgeByLanes(bytes: Buffer, contract: Contract): Promise<LineVerdicts> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-suite-'));
  try {
    const path = join(folder, 'object.jsonl');
    await writeFile(path, bytes);
    const refine = async (lane: Lane) => {
      const scratchDir = join(folder, lane);
      await mkdir(scratchDir);
      const unit = await refineRecords({
        path,
        contract,
        window: null,
        scratchDir,
        limits: DEFAULT_LIMITS,
        signal: new AbortController().signal,
        lane,
      });
      return await recordedOf(unit);
    };
    const recorded = await refine('explaining');
    assert.deepEqual(await refine('compiled'), recorded);
    return new Map([
      ...recorded.accepted.map((line) => [line, []] as const),
      ...recorded.rejects.map((row) => [row.record_line, row.violations] as const),
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface RejectRow {
  readonly record_line: number;
  readonly violations: readonly Violation[];
}

async function recordedOf(unit: RefinedUnit) {
  const read = async (path: string | null) =>
    path === null ? [] : (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  const fingerprints = (await Promise.all(unit.fingerprintsPaths.map(read))).flat();
  const rows = await Promise.all(unit.acceptedParts.map(read));
  const rejects = (await read(unit.rejectsPath)).map((line) => JSON.parse(line) as RejectRow);
  const { tally, read: everything, accepted, rejected, eventTime } = unit;
  assert.equal(tally.accepted, fingerprints.length);
  return {
    accepted: fingerprints.map((line) => Number(line.split(',')[1])),
    rejects,
    all: { tally, everything, accepted, rejected, eventTime, fingerprints, rows },
  };
}
