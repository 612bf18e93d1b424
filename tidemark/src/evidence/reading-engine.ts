import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataEngine, openDataEngine, type Row } from '../bronze/data-engine.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { sizeOf } from '../landing/store/stored-files.ts';
import type { Limits } from '../model/limits.ts';
import { unreadableFile } from './unreadable-file.ts';

/** DuckDB for a reading verb. It spills into the system's temporary folder: reading leaves the home as it is. */
export async function openReadingEngine(limits: Limits): Promise<DataEngine> {
  const spillDir = await mkdtemp(join(tmpdir(), 'tidemark-'));
  const cleared = async () => await rm(spillDir, { recursive: true, force: true });
  try {
    const engine = await openDataEngine({ spillDir, limits });
    return {
      ...engine,
      [Symbol.asyncDispose]: async () => {
        await engine[Symbol.asyncDispose]();
        await cleared();
      },
    };
  } catch (error) {
    await cleared();
    throw error;
  }
}

/**
 * Streams a query over data files, by name.
 * @throws InvariantError table_file_unreadable, naming the first file that is not there
 */
export async function* streamFiles(
  engine: DataEngine,
  { sql, paths }: { sql: string; paths: readonly string[] },
): AsyncGenerator<Row> {
  try {
    for await (const rows of engine.stream(sql)) yield* rows;
  } catch (error) {
    throwIfAway(error);
    for (const path of paths) {
      if ((await sizeOf(path)) === null)
        throw unreadableFile({ file: path, why: 'it is not there', cause: error });
    }
    const path = paths.find((candidate) => String((error as Error).message).includes(candidate));
    if (path === undefined) throw error;
    throw unreadableFile({ file: path, why: (error as Error).message, cause: error });
  }
}
