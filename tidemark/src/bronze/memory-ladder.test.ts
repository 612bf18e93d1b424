import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { type DataEngine, type EngineNeeds, openDataEngine } from './data-engine.ts';
import { memoryLadder } from './memory-ladder.ts';

const MIB = 1024 * 1024;
/** One list of two million texts: some 32 MiB that cannot be spilled, and more while it grows. */
const LONG_LIST = 'SELECT len(list(range::VARCHAR)) AS items FROM range(2_000_000)';
const itemsOf = async (engine: DataEngine) => Number((await engine.rows(LONG_LIST))[0]?.items);

function engines({ spillDir, duckdbMemoryBytes }: { spillDir: string; duckdbMemoryBytes: number }) {
  const limits = { ...DEFAULT_LIMITS, duckdbMemoryBytes };
  const asked: number[] = [];
  const open = async ({ memoryBytesMin = 0 }: EngineNeeds = {}) => {
    asked.push(memoryBytesMin);
    return await openDataEngine({ spillDir, limits, memoryBytesMin });
  };
  return { open, asked };
}

describe('work that needs more memory than the limit', () => {
  it('is done again with twice as much until it is enough, and the next work begins with that', async () => {
    await using folder = await tempFolder();
    const { open, asked } = engines({ spillDir: folder.path, duckdbMemoryBytes: 16 * MIB });
    const withEngine = memoryLadder(open);
    assert.equal(await withEngine(itemsOf), 2_000_000);
    const enough = asked.at(-1) ?? 0;
    assert.ok(enough >= 32 * MIB, `${enough} bytes`);
    const expected = Array.from({ length: asked.length - 1 }, (_, at) => 16 * MIB * 2 ** (at + 1));
    assert.deepEqual(asked, [0, ...expected]);
    assert.equal(await withEngine(itemsOf), 2_000_000);
    assert.deepEqual(asked, [0, ...expected, enough]);
  });

  it('is an error that says how much was not enough, and what to do, once there is no more to give', async () => {
    await using folder = await tempFolder();
    const { open, asked } = engines({ spillDir: folder.path, duckdbMemoryBytes: 16 * MIB });
    await assert.rejects(memoryLadder(open, 32 * MIB)(itemsOf), {
      code: 'TM4101',
      disposition: 'configuration',
      message: /^Writing data files takes more than 34 MB of memory: Out of Memory/,
      next: /limits\.partBytesMax/,
    });
    assert.deepEqual(asked, [0, 32 * MIB]);
  });

  it('is not done again for any other error', async () => {
    await using folder = await tempFolder();
    const { open, asked } = engines({ spillDir: folder.path, duckdbMemoryBytes: 64 * MIB });
    await assert.rejects(
      memoryLadder(open)((engine) => engine.run('SELECT nothing')),
      /Binder Error/,
    );
    assert.equal(asked.length, 1);
  });
});
