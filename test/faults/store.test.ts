import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { editCatalog, openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import {
  exportOrders,
  newest,
  order,
  ordersProject,
  take,
} from '../../tidemark/src/testing/orders-project.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

async function oneBatch(): Promise<SampleProject> {
  const project = await sampleProject();
  // Text that does not compress, so that landing, scratch and data files all take room.
  const records = Array.from({ length: 1500 }, (_, index) =>
    ticket(index, { description: randomBytes(300).toString('hex') }),
  );
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/t.jsonl',
    content: jsonLines(records),
  });
  await project.manifest('m', { assets: [asset] });
  return project;
}

/** How the runs of a project ended, as the evidence chain tells it. */
async function sealedStates(project: SampleProject): Promise<string[]> {
  const catalog = await openCatalogOf(homeOf(project));
  const runs = catalog.selectFrom('evidence').select('body').where('kind', '=', 'run').orderBy('seq');
  const rows = await runs.execute();
  await catalog.destroy();
  return rows.map(({ body }) => JSON.parse(body).report.state);
}

/** A file system of its own for the home, as small as asked; null where this user may not mount one. */
function smallDisk(
  folder: string,
  size: string,
): { resize(size: string): void; [Symbol.dispose](): void } | string {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    return `no small file system can be mounted here: ${(error as Error).message.split('\n')[0]}`;
  }
  return {
    resize: (wanted) =>
      void execFileSync('mount', ['-o', `remount,size=${wanted}`, folder], { stdio: 'pipe' }),
    [Symbol.dispose]: () => void execFileSync('umount', [folder], { stdio: 'pipe' }),
  };
}

describe('a full disk', () => {
  it('that cannot hold the sources is found before any of them is landed; nothing is left of it', async (t) => {
    await using project = await oneBatch();
    const home = homeOf(project);
    await mkdir(home);
    const disk = smallDisk(home, '900k');
    if (typeof disk === 'string') return t.skip(disk);
    using _mounted = disk;
    await writeFile(join(project.root, 'tidemark.yaml'), 'limits:\n  freeBytesMin: 4096\n');
    const failed = await runOnly(project);
    assert.equal(failed.failure?.code, 'TM3301', failed.failure?.message);
    assert.match(
      failed.failure?.message ?? '',
      /^Landing one file takes \d{7} bytes, and 4096 are to stay free; \d+ are/,
    );
    assert.match(failed.failure?.next ?? '', /^Free \d+ bytes there, or name a home on a larger disk/);
    for (const zone of ['landing', 'raw', 'scratch']) assert.equal(existsSync(join(home, zone)), false, zone);
    disk.resize('64m');
    assert.equal((await runOnly(project)).state, 'committed');
  });

  it('that cannot hold what a source comes to decoded is found before it is landed', async (t) => {
    await using project = await sampleProject();
    const content = jsonLines(Array.from({ length: 5000 }, (_, number) => ticket(number)));
    const path = 'data/t.jsonl.gz';
    const asset = await project.asset({ source_id: 'helpdesk', path, content: gzipSync(content) });
    await project.manifest('m', { assets: [asset] });
    const home = homeOf(project);
    await mkdir(home);
    const disk = smallDisk(home, '1m');
    if (typeof disk === 'string') return t.skip(disk);
    using _mounted = disk;
    await writeFile(join(project.root, 'tidemark.yaml'), 'limits:\n  freeBytesMin: 4096\n');
    const { failure } = await runOnly(project);
    assert.equal(failure?.code, 'TM3301', failure?.message);
    const taken = Number(/takes (\d+) bytes/.exec(failure?.message ?? '')?.[1]);
    assert.equal(taken, Buffer.byteLength(content) + gzipSync(content).length);
    for (const zone of ['landing', 'raw', 'scratch']) assert.equal(existsSync(join(home, zone)), false, zone);
    disk.resize('64m');
    assert.equal((await runOnly(project)).state, 'committed');
  });

  it('that cannot hold the newest versions is found before any is written, and the batch comes in once it can', async (t) => {
    await using project = await ordersProject();
    const home = homeOf(project);
    await mkdir(home);
    const disk = smallDisk(home, '64m');
    if (typeof disk === 'string') return t.skip(disk);
    using _mounted = disk;
    await writeFile(join(project.root, 'tidemark.yaml'), 'limits:\n  freeBytesMin: 4096\n');
    const orders = Array.from({ length: 1500 }, (_, id) =>
      order(id, 1, { note: randomBytes(600).toString('hex') }),
    );
    await take(project, 'one', { a: orders });
    await exportOrders(project, { batch: 'two', files: { a: [order(3, 2)] } });
    const filler = join(home, 'filler');
    await using tidemark = await openTidemark({
      project: project.root,
      onEvent: ({ kind }) => {
        if (kind !== 'committing') return;
        const { bavail, bsize } = statfsSync(home);
        writeFileSync(filler, Buffer.alloc(bavail * bsize - 600 * 1024));
      },
    });
    const [failed] = (await tidemark.run()).runs;
    assert.equal(failed?.failure?.code, 'TM3301', failed?.failure?.message);
    assert.match(failed?.failure?.message ?? '', /^Folding current\.orders takes \d+ bytes/);
    assert.equal((await newest(project))[3]?.[1], 1);
    await rm(filler);
    assert.equal((await runOnly(project)).state, 'committed');
    assert.equal((await newest(project))[3]?.[1], 2);
  });

  it('that another fills while bytes land: says so, and leaves no half copy', async (t) => {
    await using project = await oneBatch();
    const home = homeOf(project);
    await mkdir(home);
    const disk = smallDisk(home, '2100k');
    if (typeof disk === 'string') return t.skip(disk);
    using _mounted = disk;
    await writeFile(
      join(project.root, 'tidemark.yaml'),
      'limits:\n  freeBytesMin: 4096\n  chunkBytes: 4096\n',
    );
    const filler = join(home, 'filler');
    await using tidemark = await openTidemark({
      project: project.root,
      onEvent: ({ kind }) => {
        if (kind === 'asset_progress' && !existsSync(filler)) writeFileSync(filler, Buffer.alloc(400 * 1024));
      },
    });
    const [failed] = (await tidemark.run()).runs;
    assert.equal(failed?.failure?.code, 'TM2101', failed?.failure?.message);
    assert.equal(existsSync(join(home, 'landing', failed?.runId ?? '')), false);
  });

  // Sizes that run out while scratch is written, and while data files are written.
  for (const [when, size] of [
    ['while records are refined', '2500k'],
    ['while data files are written', '3300k'],
  ] as const) {
    it(`${when}: says so, commits nothing, and goes on once there is room`, async (t) => {
      await using project = await oneBatch();
      const home = homeOf(project);
      await mkdir(home);
      const disk = smallDisk(home, size);
      if (typeof disk === 'string') return t.skip(disk);
      using _mounted = disk;
      await writeFile(join(project.root, 'tidemark.yaml'), 'limits:\n  freeBytesMin: 1\n');
      const failed = await runOnly(project);
      assert.equal(failed.state, 'failed');
      assert.equal(failed.failure?.code, 'TM2101', failed.failure?.message);
      assert.match(failed.failure?.next ?? '', /Free space .*run the same command again/);
      assert.deepEqual(await heads(home), {});
      disk.resize('64m');
      const report = await runOnly(project);
      assert.equal(report.state, 'committed');
      assert.equal(report.reconciliation?.verdict, 'pass');
      assert.equal((await tablesAsSeen(home)).ticket?.length, 1500);
    });
  }
});

describe('the catalog', () => {
  it('of a newer release is not touched, and the message names both versions', async () => {
    await using project = await oneBatch();
    await runOnly(project);
    await editCatalog(
      homeOf(project),
      "UPDATE tidemark_meta SET value = '999' WHERE key = 'catalog_version'",
    );
    await assert.rejects(openTidemark({ project: project.root }), {
      code: 'TM5002',
      message: /has version 999; this Tidemark knows versions up to \d+/,
      next: /npm install tidemark@latest/,
    });
  });

  it('that is no catalog is named, and left as it is', async () => {
    await using project = await oneBatch();
    await project.write('tidemark.yaml', '');
    const path = join(homeOf(project), 'catalog.db');
    await mkdir(homeOf(project));
    const content = 'this is not a database, and it is long enough to be taken for one'.repeat(40);
    await writeFile(path, content);
    await assert.rejects(openTidemark({ project: project.root }), {
      code: 'TM5001',
      message: /catalog\.db cannot be opened/,
    });
    assert.equal(await readFile(path, 'utf8'), content);
  });
});

describe('an interrupted run', () => {
  it('is sealed as interrupted, shows nothing, and is gone on with', async () => {
    await using project = await oneBatch();
    const controller = new AbortController();
    const stopped = await runOnly(project, {
      signal: controller.signal,
      onReached: (point) => {
        if (point === 'unit_prepared') controller.abort();
      },
    });
    assert.equal(stopped.state, 'interrupted');
    assert.equal(stopped.failure?.code, 'TM7002');
    assert.deepEqual(await heads(homeOf(project)), {});
    assert.deepEqual(await sealedStates(project), ['interrupted']);
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(await sealedStates(project), ['interrupted', 'committed']);
    assert.equal(report.retryOf, stopped.runId);
    assert.equal(report.assets[0]?.reused, 'prepared_unit');
  });
});

describe('a contract that changes', () => {
  const edit = async (project: SampleProject, change: (properties: Record<string, unknown>) => void) => {
    const path = join(project.root, 'contracts/data/ticket.json');
    const contract = JSON.parse(await readFile(path, 'utf8'));
    change(contract.properties);
    await writeFile(path, JSON.stringify(contract));
  };

  it('does not have committed content judged anew by a plain run, which says so', async () => {
    await using project = await oneBatch();
    const first = await runOnly(project);
    await edit(project, (properties) => Object.assign(properties, { channel: { type: 'string' } }));
    const second = await runOnly(project);
    assert.equal(second.state, 'nothing_to_commit');
    assert.equal(second.assets[0]?.committedBy, first.runId);
    assert.match(second.assets[0]?.note ?? '', /under an older contract .*tidemark recover [0-9a-f-]{36}/);
  });

  it('by an added property adds a column; older rows have null there', async () => {
    await using project = await oneBatch();
    await runOnly(project);
    await edit(project, (properties) => Object.assign(properties, { channel: { type: 'string' } }));
    const content = jsonLines([ticket(5000, { channel: 'phone' })]);
    const asset = await project.asset({ source_id: 'phone', path: 'data/p.jsonl', content });
    await project.manifest('n', { assets: [asset] });
    const [, added] = await runProject(project);
    assert.equal(added?.reconciliation?.verdict, 'pass');
    const rows = (await tablesAsSeen(homeOf(project))).ticket ?? [];
    assert.equal(rows.length, 1501);
    assert.equal(rows.filter((row) => row.includes('["channel","phone"]')).length, 1);
    assert.equal(rows.filter((row) => row.includes('["channel",null]')).length, 1500);
  });

  it('by another type of a property is refused before anything is committed', async () => {
    await using project = await oneBatch();
    await runOnly(project);
    const before = await heads(homeOf(project));
    await edit(project, (properties) => Object.assign(properties, { org_id: { type: 'integer' } }));
    const asset = await project.asset({
      source_id: 'n',
      path: 'data/n.jsonl',
      content: jsonLines([ticket(5001)]),
    });
    await project.manifest('n', { assets: [asset] });
    const [, refused] = await runProject(project);
    assert.equal(refused?.failure?.code, 'TM4001');
    assert.match(refused?.failure?.message ?? '', /type_changed org_id/);
    assert.deepEqual(await heads(homeOf(project)), before);
  });
});

describe('declared partitioning', () => {
  it('is what the data files are written by, and reconciles', async () => {
    await using project = await sampleProject();
    await project.write(
      'tidemark.yaml',
      'tables:\n  ticket:\n    partition_by: ["day(created_at)", "status"]\n',
    );
    const records = [
      ticket(1),
      ticket(2, { status: 'closed' }),
      ticket(3, { created_at: '2026-04-02T00:00:00Z' }),
    ];
    const asset = await project.asset({ source_id: 'h', path: 'data/t.jsonl', content: jsonLines(records) });
    await project.manifest('m', { assets: [asset] });
    const report = await runOnly(project);
    assert.equal(report.failure, null);
    assert.equal(report.reconciliation?.verdict, 'pass');
    const files = report.reconciliation?.checks.find(
      (check) => check.name === 'data_files' && check.subject === 'bronze.ticket',
    );
    assert.equal(files?.received, '3');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3);
  });

  it('that names no column is refused with what could be meant', async () => {
    await using project = await oneBatch();
    await project.write('tidemark.yaml', 'tables:\n  ticket:\n    partition_by: ["day(created)"]\n');
    const report = await runOnly(project);
    assert.equal(report.failure?.code, 'TM4002');
    assert.match(report.failure?.message ?? '', /day\(created\): expected .*created_at/);
  });
});
