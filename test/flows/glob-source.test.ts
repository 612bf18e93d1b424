import assert from 'node:assert/strict';
import { appendFile, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { typed } from '../../tidemark/src/testing/type-command.ts';

const declaration = (source: string | object, fields: object = {}) =>
  JSON.stringify({
    schema_version: 'source_manifest_v2',
    manifest_id: 'exports',
    batch_id: 'all',
    owner: 'shop',
    created_at: '2026-03-01T00:00:00Z',
    license_tag: 'course_synthetic',
    contract_ref: 'omni://contracts/data/ticket/v1',
    load_mode: 'full_snapshot',
    assets: [
      {
        source_id: 'desk',
        source,
        asset_type: 'jsonl',
        metadata_status: 'complete',
        pii_scan_status: 'clear',
        ...fields,
      },
    ],
  });

/** Two months of exports, and what stands beside them. */
async function exportsProject(
  source: string | object = 'exports/2026-*/tickets-*.jsonl*',
  fields: object = {},
): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write('exports/2026-04/tickets-1.jsonl', jsonLines([ticket(3)]));
  await project.write('exports/2026-03/tickets-9.jsonl.gz', gzipSync(jsonLines([ticket(1), ticket(2)])));
  await project.write('exports/2026-03/users-1.jsonl', 'no ticket');
  await project.write('exports/2025-12/tickets-1.jsonl', jsonLines([ticket(8)]));
  await project.write('exports/2026-03/.tickets-2.jsonl', 'half written');
  await project.write('exports/2026-03/old/tickets-1.jsonl', jsonLines([ticket(9)]));
  await project.write('data/seed_manifests/exports.json', declaration(source, fields));
  return project;
}

const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];
const splitsOf = (report: RunReport) =>
  (report.assets[0]?.splits ?? []).map(({ split, outcome }) => [split, outcome]);
const findingOf = (report: RunReport) => report.assets[0]?.findings[0]?.message ?? '';

describe('a pattern as a source', () => {
  it('brings every file that it means, by name, each with bytes and a unit of its own, as one asset', async () => {
    await using project = await exportsProject();
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(splitsOf(report), [
      ['2026-03/tickets-9.jsonl.gz', 'committed'],
      ['2026-04/tickets-1.jsonl', 'committed'],
    ]);
    assert.equal(report.assetTally.declared, 1);
    assert.equal(report.recordTally.accepted, 3);
    const again = await runOnly(project);
    assert.equal(again.state, 'nothing_to_commit');
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('takes in new files in new folders, and of grown ones what is new; gone ones keep what they brought', async () => {
    await using project = await exportsProject({ glob: 'exports/2026-*/tickets-?.jsonl*' });
    await runOnly(project);
    await project.write('exports/2026-05/tickets-1.jsonl', jsonLines([ticket(5), ticket(3)]));
    await appendFile(join(project.root, 'exports/2026-04/tickets-1.jsonl'), jsonLines([ticket(4)]));
    await rm(join(project.root, 'exports/2026-03'), { recursive: true });
    const report = await runOnly(project);
    assert.deepEqual(splitsOf(report), [
      ['2026-04/tickets-1.jsonl', 'committed'],
      ['2026-05/tickets-1.jsonl', 'committed'],
    ]);
    assert.deepEqual([report.recordTally.accepted, report.recordTally.duplicate], [2, 2]);
    assert.match(
      report.assets[0]?.note ?? '',
      /no longer there: 2026-03\/tickets-9\.jsonl\.gz; what they brought stays/,
    );
    assert.equal((await rows(project)).length, 5);
  });

  it('is planned file by file, and what came in says which file it was, after that is gone', async () => {
    await using project = await exportsProject();
    await using tidemark = await openTidemark({ project: project.root });
    const { plans } = await tidemark.plan();
    assert.deepEqual(
      plans[0]?.assets[0]?.splits?.map(({ split, action }) => [split, action]),
      [
        ['2026-03/tickets-9.jsonl.gz', 'unknown'],
        ['2026-04/tickets-1.jsonl', 'unknown'],
      ],
    );
    const { runs } = await tidemark.run();
    await rename(join(project.root, 'exports'), join(project.root, 'away'));
    const { stdout } = await typed(
      project,
      `tidemark show ${runs[0]?.assets[0]?.splits?.[0]?.sourceFingerprint}`,
    );
    assert.match(stdout, /exports\/2026-03\/tickets-9\.jsonl\.gz/);
  });

  it('judges links by where they end, on the way as well; one that leads out refuses it whole', async () => {
    await using project = await exportsProject();
    await symlink('2025-12', join(project.root, 'exports/2026-00'));
    const inside = await runOnly(project);
    assert.equal(splitsOf(inside)[0]?.[0], '2026-00/tickets-1.jsonl');
    await symlink('/etc', join(project.root, 'exports/2026-99'));
    const outside = await runOnly(project);
    assert.equal(outside.assets[0]?.outcome, 'refused');
    assert.match(findingOf(outside), /TM2001 exports\/2026-99 leads out of the project root/);
    await using upward = await exportsProject('../*/exports/*');
    assert.match(findingOf(await runOnly(upward)), /TM2001 \.\. leads out/);
  });

  it('waits where it means no file and never did, and where a folder in its name is missing', async () => {
    for (const [source, message] of [
      [
        'exports/2027-*/tickets-*.jsonl',
        /TM4303 No file is meant by glob:exports\/2027-\*.*, and none ever was/,
      ],
      ['export/*.jsonl', /TM2002 export does not exist/],
    ] as const) {
      await using project = await exportsProject(source);
      const report = await runOnly(project);
      assert.equal(report.state, 'failed');
      assert.match(findingOf(report), message);
    }
  });

  it('is refused where it means more files than the limit, is no pattern, or has a sum declared', async () => {
    await using onTheWay = await exportsProject();
    for (const name of ['a', 'b', 'c']) await onTheWay.write(`exports/2026-${name}`, 'a file on the way');
    await configure(onTheWay, { limits: { folderFilesMax: 2 } });
    assert.equal((await runOnly(onTheWay)).state, 'committed');
    await using crowded = await exportsProject('exports/*/*');
    await configure(crowded, { limits: { folderFilesMax: 2 } });
    assert.match(findingOf(await runOnly(crowded)), /TM4302 glob:exports\/\*\/\* means more than 2 files/);
    for (const [source, fields, message] of [
      ['glob:exports/a.jsonl', {}, /TM4306 .* it has no \* or \?/],
      ['exports/*/../a.jsonl', {}, /TM4306 .* cannot lead upwards/],
      ['exports/*.jsonl', { size_bytes: 5 }, /TM4301 glob:exports\/\*\.jsonl is a pattern/],
    ] as const) {
      await using project = await exportsProject(source, fields);
      const report = await runOnly(project);
      assert.equal(report.assets[0]?.outcome, 'refused');
      assert.match(findingOf(report), message);
    }
  });

  it('is rerun file by file, and replayed without its files', async () => {
    await using project = await exportsProject();
    await runOnly(project);
    await project.write('exports/2026-04/tickets-1.jsonl', jsonLines([ticket(6)]));
    await project.write('exports/2026-06/tickets-1.jsonl', jsonLines([ticket(7)]));
    await using tidemark = await openTidemark({ project: project.root });
    const batch = { manifestId: 'exports', batchId: 'all', reason: 'a test' };
    const recover = async (verb: 'rerun' | 'replay') => {
      const { planId, plan } = await tidemark.planRecovery({ ...batch, verb });
      await tidemark.executePlan({ planId, verb });
      return plan.sources.map(({ split, action }) => [split, action]);
    };
    assert.deepEqual(await recover('rerun'), [
      ['2026-03/tickets-9.jsonl.gz', 'keep'],
      ['2026-04/tickets-1.jsonl', 'replace'],
      ['2026-06/tickets-1.jsonl', 'read'],
    ]);
    assert.equal((await rows(project)).length, 4);
    await rm(join(project.root, 'exports'), { recursive: true });
    assert.deepEqual(new Set((await recover('replay')).map(([, action]) => action)), new Set(['keep']));
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('never takes the name of a file for another kind of place', async () => {
    await using project = await exportsProject('*.jsonl?table=x');
    await project.write('sqlite:shop.jsonl?table=x', jsonLines([ticket(1)]));
    const report = await runOnly(project);
    assert.deepEqual(splitsOf(report), [['sqlite:shop.jsonl?table=x', 'committed']]);
    assert.equal(report.recordTally.accepted, 1);
  });

  it('is a path as any other where it is written as one: a star in it is a star', async () => {
    await using project = await exportsProject({ path: 'exports/*.jsonl' });
    await mkdir(join(project.root, 'exports'), { recursive: true });
    await project.write('exports/a.jsonl', jsonLines([ticket(1)]));
    await project.write('exports/*.jsonl', jsonLines([ticket(2), ticket(3)]));
    const report = await runOnly(project);
    assert.deepEqual([splitsOf(report), report.recordTally.accepted], [[], 2]);
  });
});
