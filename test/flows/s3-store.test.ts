import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '../../tidemark/src/errors/codes.ts';
import type { TidemarkError } from '../../tidemark/src/errors/tidemark-error.ts';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { CATALOG_IS_A_FILE, openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import {
  configureStore,
  type ProjectInStore,
  projectInStore,
} from '../../tidemark/src/testing/project-in-store.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { SERVICES } from '../../tidemark/src/testing/services.ts';

const BATCH = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m' };

const hasCode = (code: ErrorCode) => (error: TidemarkError) => {
  assert.equal(error.code, code, error.message);
  return true;
};

/** Three good tickets, a duplicate, and one that the contract refuses. */
async function deliver({ project }: ProjectInStore, { name = 'm', first = 1 } = {}): Promise<void> {
  const records = [
    ticket(first),
    ticket(first + 1),
    ticket(first + 2),
    ticket(first),
    { ...ticket(first), status: 'lost' },
  ];
  const content = jsonLines(records);
  const asset = await project.asset({ source_id: `helpdesk-${name}`, path: `data/${name}.jsonl`, content });
  await project.manifest(name, { assets: [asset] });
}

async function delivered(): Promise<ProjectInStore> {
  const at = await projectInStore();
  await deliver(at);
  return at;
}

async function symptomsOf(project: SampleProject): Promise<string[]> {
  await using tidemark = await openTidemark({ project: project.root });
  return (await tidemark.verify()).symptoms.map(({ kind }) => kind).sort();
}

async function mend(project: SampleProject, verb: 'replay' | 'rerun') {
  await using tidemark = await openTidemark({ project: project.root });
  const { planId } = await tidemark.planRecovery({ verb, reason: 'a test', ...BATCH });
  const report = await tidemark.executePlan({ verb, planId });
  assert.match(report.state, /^(committed|nothing_to_commit)$/, JSON.stringify(report.failure));
}

describe('a project whose durable files are in S3', () => {
  it('takes a manifest in, proves it, and commits nothing the second time', async () => {
    await using at = await delivered();
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed', JSON.stringify(report.failure));
    assert.equal(report.reconciliation?.verdict, 'pass');
    for (const zone of [
      'raw/',
      'warehouse/bronze/ticket/data/',
      'warehouse/bronze/ticket/metadata/',
      'evidence/',
      'ledger/',
    ])
      assert.notDeepEqual(at.keys(zone), [], zone);
    assert.deepEqual([...at.keys('landing/'), ...at.keys('probe/')], []);
    const before = at.keys('warehouse/');
    await at.forgetCopies();
    assert.equal((await runOnly(at.project)).state, 'nothing_to_commit');
    assert.deepEqual(at.keys('warehouse/'), before);
    const catalog = await openCatalogOf(homeOf(at.project));
    const rows = await catalog.selectFrom('iceberg_tables').select('metadata_location').execute();
    await catalog.destroy();
    for (const { metadata_location: location } of rows)
      assert.match(location ?? '', /^s3:\/\/lake\/team\/tidemark-test-/);
  });

  it('compares with what came before, and tells the story of a rejected record', async () => {
    await using at = await delivered();
    await runOnly(at.project);
    await at.forgetCopies();
    await deliver(at, { name: 'n', first: 3 });
    await using tidemark = await openTidemark({ project: at.project.root });
    const { runs } = await tidemark.run();
    const second = runs.find(({ manifestId }) => manifestId.includes('-n-'));
    assert.equal(second?.assets[0]?.records?.duplicate, 2, 'one within the file, one of the first delivery');
    const rejected = await Array.fromAsync(await tidemark.rejects({ withPayload: true }));
    assert.deepEqual(
      rejected.map(({ payload }) => payload?.kind),
      ['read', 'read'],
    );
  });

  it('finds what was altered, lost and added in the store though copies are whole, and mends it', async () => {
    await using at = await delivered();
    await runOnly(at.project);
    assert.deepEqual(await symptomsOf(at.project), []);
    const [raw = ''] = at.keys('raw/');
    const [data = ''] = at.keys('warehouse/bronze/ticket/data/');
    at.server.objects.delete(data);
    assert.deepEqual(await symptomsOf(at.project), ['data_file_missing']);
    await mend(at.project, 'replay');
    assert.deepEqual(await symptomsOf(at.project), []);
    at.alter(raw);
    assert.deepEqual(await symptomsOf(at.project), ['raw_object_altered']);
    await mend(at.project, 'rerun');
    assert.deepEqual(await symptomsOf(at.project), []);
    assert.equal(at.keys('set-aside/').length, 1, 'what was altered is kept for whoever wants to know');
    at.server.objects.set(`${at.prefix}raw/sha256/ab/stray`, at.server.objects.get(raw) as never);
    assert.deepEqual(await symptomsOf(at.project), ['orphan_object']);
  });

  for (const point of [
    'object_promoted',
    'data_files_written',
    'unit_prepared',
    'metadata_written',
    'inside_commit',
    'committed',
    'read_back',
  ] satisfies RestartPoint[]) {
    it(`goes on where a run stopped at ${point}, and leaves nothing behind`, async () => {
      await using at = await delivered();
      const onReached = (reached: RestartPoint) => {
        if (reached === point) throw new Error(`stopped at ${point}`);
      };
      await using stopped = await openTidemark({ project: at.project.root, onReached });
      await stopped.run();
      await at.forgetCopies();
      const report = await runOnly(at.project);
      assert.match(report.state, /^(committed|nothing_to_commit)$/);
      assert.deepEqual(await symptomsOf(at.project), []);
      assert.equal(at.keys('warehouse/bronze/ticket/data/').length, 1);
    });
  }

  it('is maintained, and what the tables let go of is gone from the store', async () => {
    await using at = await delivered();
    for (const first of [10, 20, 30, 40]) {
      await deliver(at, { name: `n${first}`, first });
      await using tidemark = await openTidemark({ project: at.project.root });
      await tidemark.run();
    }
    await configureStore(at.project, at.server, {
      prefix: at.prefix,
      limits: { filesCompactMin: 2, snapshotsKeptMin: 1, snapshotsKeptMax: 1, snapshotAgeMs: 1 },
    });
    assert.equal(at.keys('warehouse/bronze/ticket/data/').length, 5);
    await using tidemark = await openTidemark({ project: at.project.root });
    // The first compacts; what that leaves to earlier snapshots goes with them.
    for (const _ of ['compacts', 'expires']) {
      const { planId } = await tidemark.planMaintenance();
      await tidemark.executeMaintenance({ planId });
    }
    assert.equal(at.keys('warehouse/bronze/ticket/data/').length, 1);
    assert.deepEqual(await symptomsOf(at.project), []);
  });

  it('is rebuilt from the store alone once the catalog and the home are lost', {
    skip: !CATALOG_IS_A_FILE,
  }, async () => {
    await using at = await delivered();
    await runOnly(at.project);
    await rm(homeOf(at.project), { recursive: true });
    await assert.rejects(openTidemark({ project: at.project.root }), hasCode(ERROR_CODES.catalog_lost));
    await using safekeeping = await openSafekeeping({ project: at.project.root });
    await safekeeping.rebuild({ execute: true });
    assert.equal((await runOnly(at.project)).state, 'nothing_to_commit');
    assert.deepEqual(await symptomsOf(at.project), []);
    await assert.rejects(
      safekeeping.relocate({ from: '/elsewhere', execute: true }),
      hasCode(ERROR_CODES.store_verb_refused),
    );
  });

  it('is refused with another store than that of its tables, and writes nothing there', {
    skip: !CATALOG_IS_A_FILE,
  }, async () => {
    await using at = await delivered();
    await runOnly(at.project);
    await configureStore(at.project, at.server, { prefix: 'other' });
    await assert.rejects(openTidemark({ project: at.project.root }), hasCode(ERROR_CODES.store_changed));
    await at.project.write('tidemark.yaml', '');
    await assert.rejects(openTidemark({ project: at.project.root }), hasCode(ERROR_CODES.store_changed));
    assert.deepEqual(
      [...at.server.objects.keys()].filter((key) => key.startsWith('other')),
      [],
    );
  });

  it('is verified while a run stores bytes: they are not taken for nobody’s', async () => {
    await using at = await delivered();
    const found: string[][] = [];
    await runOnly(at.project, {
      onReached: async (reached) => {
        if (reached === 'object_promoted') found.push(await symptomsOf(at.project));
      },
    });
    assert.deepEqual(found, [[]]);
  });

  it('is refused where the store belongs to another catalog, which loses nothing by it', async () => {
    await using at = await delivered();
    await runOnly(at.project);
    const before = at.keys();
    await using stranger = await sampleProject();
    // Its catalog is there already, and empty.
    await (await openTidemark({ project: stranger.root }))[Symbol.asyncDispose]();
    await configureStore(stranger, at.server, { prefix: at.prefix });
    const content = jsonLines([ticket(7)]);
    await stranger.manifest('s', {
      assets: [await stranger.asset({ source_id: 'strange', path: 'data/s.jsonl', content })],
    });
    // A database without a run beside a store with some may be the one that was lost: it is refused when it is opened.
    const opening = openTidemark({ project: stranger.root });
    if (SERVICES.postgres !== undefined) {
      await assert.rejects(opening, { code: ERROR_CODES.catalog_lost });
    } else {
      await using tidemark = await opening;
      const { runs, unopened } = await tidemark.run();
      assert.deepEqual(
        [runs.length, unopened.map(({ failure }) => failure.code)],
        [0, [ERROR_CODES.store_of_another_catalog]],
      );
    }
    assert.deepEqual(at.keys(), before);
    assert.deepEqual(await symptomsOf(at.project), []);
  });

  it('commits nothing to a store that puts one thing over another', async () => {
    await using at = await delivered();
    at.server.honoursConditions = false;
    await using tidemark = await openTidemark({ project: at.project.root });
    const { runs, unopened } = await tidemark.run();
    const codes = [
      ...runs.map(({ failure }) => failure?.code),
      ...unopened.map(({ failure }) => failure.code),
    ];
    assert.deepEqual(codes, [ERROR_CODES.store_unconditional]);
    assert.deepEqual(at.keys(), []);
  });
});
