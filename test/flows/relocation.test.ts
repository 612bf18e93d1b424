import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../tidemark/src/errors/codes.ts';
import type { TidemarkError } from '../../tidemark/src/errors/tidemark-error.ts';
import { homeAt } from '../../tidemark/src/landing/home.ts';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { SYSTEM_CLOCK } from '../../tidemark/src/run/clock.ts';
import { relocateHome } from '../../tidemark/src/safekeeping/relocate/relocate-home.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index));

async function addBatch(project: Pick<SampleProject, 'asset' | 'manifest'>, name: string, from: number) {
  const content = jsonLines([...numbers(from, from + 12), ticket(from, { status: 'lost' }), ticket(from)]);
  await project.manifest(name, {
    assets: [await project.asset({ source_id: name, path: `data/${name}.jsonl`, content })],
  });
}

async function twoBatches(): Promise<SampleProject> {
  const project = await sampleProject();
  await configure(project, {
    manifest_settings: { 'manifest-a-20260401-001': { write_mode: 'current_by_key' } },
  });
  for (const [name, from] of [
    ['a', 0],
    ['b', 8],
  ] as const) {
    await addBatch(project, name, from);
    await runProject(project);
  }
  return project;
}

const isMoved = (error: TidemarkError) =>
  error.code === ERROR_CODES.home_moved && /catalog relocate --from /.test(error.next);

/** The same project in another folder. */
async function movedTo(project: SampleProject, how: 'moved' | 'copied'): Promise<string> {
  const root = `${project.root}-${how} to, (a place)`;
  if (how === 'copied') await cp(project.root, root, { recursive: true });
  else await rename(project.root, root);
  return root;
}

describe('a home that was moved', () => {
  it('is told at once, with the command; relocated it reads, verifies and goes on as before', async () => {
    const project = await twoBatches();
    const before = await tablesAsSeen(homeOf(project));
    const root = await movedTo(project, 'moved');
    try {
      for (const readOnly of [true, false])
        await assert.rejects(openTidemark({ project: root, readOnly }), isMoved);
      const keeping = await openSafekeeping({ project: root });
      const plan = await keeping.relocate({ from: project.root });
      assert.equal(plan.executed, false);
      await assert.rejects(openTidemark({ project: root }), isMoved);
      const done = await keeping.relocate({ from: project.root, execute: true });
      assert.deepEqual([done.executed, done.rows], [true, plan.rows]);
      assert.equal((await keeping.relocate({ from: project.root, execute: true })).from, null);
      assert.deepEqual(await tablesAsSeen(join(root, '.tidemark')), before);
      assert.deepEqual(await namedOutside(root), []);
      await using tidemark = await openTidemark({ project: root });
      const { symptoms } = await tidemark.verify();
      assert.deepEqual(
        symptoms.map(({ message }) => message),
        [],
      );
      const { runs } = await tidemark.run();
      assert.deepEqual(
        runs.map(({ state }) => state),
        ['nothing_to_commit', 'nothing_to_commit'],
      );
      const rebuilt = await keeping.rebuild();
      assert.deepEqual(rebuilt.disagreements, []);
      assert.deepEqual(
        rebuilt.differences?.filter(({ table }) => table !== 'incidents'),
        [],
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('and whose relocation is broken off at any write is as it was, and is relocated by the same command', async () => {
    const project = await twoBatches();
    const before = await tablesAsSeen(homeOf(project));
    const root = await movedTo(project, 'moved');
    try {
      const home = homeAt(join(root, '.tidemark'));
      const catalogAt = { kind: 'sqlite', path: home.catalogPath } as const;
      const keeper = { home, catalogAt, clock: SYSTEM_CLOCK };
      for (let stop = 1; ; stop += 1) {
        let writes = 0;
        const onWrite = () => {
          writes += 1;
          if (writes === stop) throw new Error('the power went');
        };
        const request = { from: project.root, execute: true, onWrite };
        const outcome = await relocateHome(keeper, request).catch((error: Error) => error);
        if (!(outcome instanceof Error)) {
          assert.ok(stop > 5, `${stop}`);
          break;
        }
        assert.match(outcome.message, /the power went/);
        await assert.rejects(openTidemark({ project: root }), isMoved);
      }
      assert.deepEqual(await tablesAsSeen(home.dir), before);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('is not relocated where files of it were left behind', async () => {
    const project = await twoBatches();
    const root = await movedTo(project, 'moved');
    try {
      const data = join(root, '.tidemark/warehouse/bronze/ticket/data');
      const [name = ''] = (await readdir(data, { recursive: true })).filter((file) =>
        file.endsWith('.parquet'),
      );
      await rm(join(data, name));
      const keeping = await openSafekeeping({ project: root });
      await assert.rejects(
        keeping.relocate({ from: project.root, execute: true }),
        (error: TidemarkError) =>
          error.code === ERROR_CODES.relocation_refused && /1 data files/.test(error.message),
      );
      await assert.rejects(
        keeping.relocate({ from: '/elsewhere', execute: true }),
        (error: TidemarkError) =>
          error.code === ERROR_CODES.relocation_refused && /not \/elsewhere/.test(error.message),
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('to where another path leads to the same folder is no other home', async () => {
    await using project = await twoBatches();
    const link = `${project.root}-link`;
    await symlink(project.root, link);
    try {
      await using tidemark = await openTidemark({ project: link });
      assert.equal((await tidemark.verify()).verdict, 'pass');
    } finally {
      await rm(link);
    }
  });
});

describe('a home that was copied', () => {
  it('is a home of its own once it is relocated: neither sees what the other commits', async () => {
    await using project = await twoBatches();
    const before = await tablesAsSeen(homeOf(project));
    const pointers = await heads(homeOf(project));
    const root = await movedTo(project, 'copied');
    try {
      await assert.rejects(openTidemark({ project: root }), isMoved);
      await (await openSafekeeping({ project: root })).relocate({ from: project.root, execute: true });
      await mkdir(dirname(join(root, 'data/c.jsonl')), { recursive: true });
      await addBatch(project, 'c', 100);
      await cp(join(project.root, 'data'), join(root, 'data'), { recursive: true });
      await runProject({ ...project, root });
      assert.deepEqual(await heads(homeOf(project)), pointers);
      assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
      assert.equal(
        (await tablesAsSeen(join(root, '.tidemark'))).ticket?.length,
        (before.ticket?.length ?? 0) + 12,
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

/** Data files and metadata that the heads of a project's tables name outside it. */
async function namedOutside(root: string): Promise<string[]> {
  const { readTableMetadata } = await import('../../tidemark/src/bronze/iceberg/metadata-file.ts');
  const { liveDataFiles } = await import('../../tidemark/src/bronze/iceberg/read-table.ts');
  const { tableIo } = await import('../../tidemark/src/bronze/table-io.ts');
  const named: string[] = [];
  for (const location of Object.values(await heads(join(root, '.tidemark')))) {
    const { metadata } = await readTableMetadata(tableIo, location);
    named.push(
      location,
      metadata.location,
      ...metadata['metadata-log'].map((entry) => entry['metadata-file']),
    );
    for (const snapshot of metadata.snapshots) {
      named.push(snapshot['manifest-list']);
      const view = { io: tableIo, metadata, snapshotId: snapshot['snapshot-id'] };
      named.push(...(await Array.fromAsync(liveDataFiles(view))).map(({ uri }) => uri));
    }
  }
  return named.filter((uri) => !uri.startsWith(`file://${root}/`));
}
