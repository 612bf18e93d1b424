import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { type DataEngine, type EngineNeeds, openDataEngine } from './data-engine.ts';
import { EngineQueue, type EngineQueueOptions } from './engine-queue.ts';
import { memoryLadder } from './memory-ladder.ts';

const MIB = 1024 * 1024;
/** One list of many texts: some 32 MiB that cannot be spilled, and more while it grows. */
const LONG_LIST = 'SELECT len(list(range::VARCHAR)) AS items FROM range(2_000_000)';

function engines(spillDir: string) {
  const limits = { ...DEFAULT_LIMITS, duckdbMemoryBytes: 384 * MIB, duckdbThreads: 2 };
  const asked: EngineNeeds[] = [];
  const open = async (needs: EngineNeeds = {}) => {
    asked.push(needs);
    return await openDataEngine({ spillDir, limits, ...needs });
  };
  return { open, asked, alone: memoryLadder(open), heldBytesMax: Number.POSITIVE_INFINITY };
}

async function doAll<T>(
  options: EngineQueueOptions,
  works: readonly ((engine: DataEngine) => Promise<T>)[],
): Promise<T[]> {
  await using queue = new EngineQueue<T>(options);
  for (const work of works) queue.add(work);
  return await queue.finish();
}

const settingOf = (name: string) => async (engine: DataEngine) =>
  String((await engine.rows(`SELECT current_setting('${name}') AS value`))[0]?.value);

describe('work that is done beside each other', () => {
  it('comes in its own order, each piece with its share of threads and memory', async () => {
    await using folder = await tempFolder();
    const { asked: _, ...given } = engines(folder.path);
    const works = [settingOf('threads'), settingOf('memory_limit'), async () => 'third'];
    assert.deepEqual(await doAll({ ...given, shares: 2 }, works), ['1', '192.0 MiB', 'third']);
  });

  it('is done again alone where its share of memory was too little', async () => {
    await using folder = await tempFolder();
    const { asked, ...given } = engines(folder.path);
    const long = async (engine: DataEngine) => Number((await engine.rows(LONG_LIST))[0]?.items);
    const short = async () => 1;
    assert.deepEqual(await doAll({ ...given, shares: 24 }, [long, short]), [2_000_000, 1]);
    assert.deepEqual(asked, [{ shares: 24 }, { shares: 24 }, { memoryBytesMin: 0 }]);
  });

  it('is done with the engine of a piece before, unless that one ran out of memory', async () => {
    await using folder = await tempFolder();
    const { asked, ...given } = engines(folder.path);
    const remember = (engine: DataEngine) => engine.run('CREATE TABLE seen (n BIGINT)');
    const isThere = async (engine: DataEngine) => (await engine.rows('FROM seen')).length;
    assert.deepEqual(await doAll<unknown>({ ...given, shares: 1 }, [remember, isThere]), [undefined, 0]);
    assert.deepEqual(asked.splice(0), [{ shares: 1 }]);
    const long = (engine: DataEngine) => engine.rows(LONG_LIST);
    const two = async () => await doAll<unknown>({ ...given, shares: 24 }, [long, isThere]);
    await assert.rejects(two(), /seen/);
  });

  it('is done with a fresh one where the process holds more than it may', async () => {
    await using folder = await tempFolder();
    const { asked, ...given } = engines(folder.path);
    const works = [async () => 1, async () => 2];
    assert.deepEqual(await doAll({ ...given, shares: 1, heldBytesMax: 0 }, works), [1, 2]);
    assert.deepEqual(asked, [{ shares: 1 }, { shares: 1 }]);
  });

  it('spills to disk each for itself, and reads its own rows again', async () => {
    await using folder = await tempFolder();
    const { asked: _, ...given } = engines(folder.path);
    // 125 MiB to be sorted in the 48 MiB that are the share of each.
    const open48 = async () => await given.open({ shares: 8 });
    const sorted = (of: number) => async (engine: DataEngine) =>
      await engine.rows(`SELECT count(*) AS rows, sum(n * (hash(t) % 1000))::VARCHAR AS digest FROM (
        SELECT t, row_number() OVER (ORDER BY t) AS n
        FROM (SELECT repeat(md5((range * ${of})::VARCHAR), 8) AS t FROM range(500_000)))`);
    const works = [3, 5].map(sorted);
    const apart = [];
    for (const work of works) {
      await using engine = await given.open();
      apart.push(await work(engine));
    }
    assert.deepEqual(await doAll({ ...given, open: open48, shares: 2 }, works), apart);
  });

  it('stops at the first failure, which is told once nothing runs any more', async () => {
    await using folder = await tempFolder();
    const { asked: _, ...given } = engines(folder.path);
    const ended: string[] = [];
    const fails = (engine: DataEngine) => engine.run('SELECT nothing');
    const slow = async (engine: DataEngine) => {
      await engine.rows('SELECT max(hash(range)) FROM range(10_000_000)');
      ended.push('slow');
    };
    const never = async () => void ended.push('never');
    await assert.rejects(doAll({ ...given, shares: 2 }, [fails, slow, never]), /Binder Error/);
    assert.deepEqual(ended, ['slow']);
  });

  it('is begun with before all of it is there, one piece at a time, and fails whoever adds to it', async () => {
    await using folder = await tempFolder();
    const { asked, ...given } = engines(folder.path);
    await using queue = new EngineQueue<unknown>({ ...given, shares: 2 });
    const { promise: isBegun, resolve: begin } = Promise.withResolvers<void>();
    queue.add(async () => begin());
    queue.add((engine) => engine.run('SELECT nothing'));
    await isBegun;
    assert.deepEqual(asked, [{ shares: 2 }]);
    await assert.rejects(queue.finish(), /Binder Error/);
    assert.throws(() => queue.add(async () => 1), /Binder Error/);
  });

  it('leaves out what has not begun when it is disposed of, and ends what has', async () => {
    await using folder = await tempFolder();
    const { asked: _, ...given } = engines(folder.path);
    const ended: string[] = [];
    {
      await using queue = new EngineQueue<unknown>({ ...given, shares: 2 });
      queue.add(async () => void ended.push('begun'));
      queue.add(async () => void ended.push('waiting'));
    }
    assert.deepEqual(ended, ['begun']);
  });
});
