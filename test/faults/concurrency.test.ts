import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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
import { runElsewhere } from './run-elsewhere.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

describe('two runs at once on one catalog', () => {
  it('of one manifest: the second is told who runs, and changes nothing', async () => {
    await using project = await sampleProject();
    const asset = await project.asset({
      source_id: 'helpdesk',
      path: 'data/t.jsonl',
      content: jsonLines([ticket(1)]),
    });
    await project.manifest('m', { assets: [asset] });
    let other: Awaited<ReturnType<typeof runElsewhere>> | null = null;
    const report = await runOnly(project, {
      onReached: async (point) => {
        if (point === 'unit_refined') other = await runElsewhere(project, 'm.json');
      },
    });
    assert.equal(report.state, 'committed');
    const failure = other!.unopened[0]?.failure;
    assert.equal(failure?.code, 'TM7001');
    assert.match(
      failure?.message ?? '',
      new RegExp(`Run ${report.runId} .* is in progress \\(process ${process.pid}`),
    );
    assert.match(failure?.next ?? '', /then run the same command again/);
  });

  it('of two manifests that bring different records into one table: both come in whole', async () => {
    await using project = await sampleProject();
    const content = (from: number) =>
      jsonLines([ticket(from), ticket(from + 1), ticket(from, { status: 'nonsense' })]);
    await project.manifest('a', {
      assets: [await project.asset({ source_id: 'a', path: 'data/a.jsonl', content: content(10) })],
    });
    await project.manifest('b', {
      assets: [await project.asset({ source_id: 'b', path: 'data/b.jsonl', content: content(20) })],
    });
    const attempts: number[] = [];
    const first = await runWhile(project, {
      manifest: 'a.json',
      at: 'metadata_written',
      other: 'b.json',
      attempts,
    });
    assert.equal(first.state, 'committed');
    assert.deepEqual(attempts, [1, 2], 'the first swap was lost, the second won');
    const seen = await tablesAsSeen(homeOf(project));
    assert.equal(seen.ticket?.length, 4);
    assert.equal(seen.rejects?.length, 2);
  });

  it('of two manifests that keep the newest versions of one table: the later commit is folded on top of the earlier', async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, tickets: readonly Record<string, unknown>[]) => {
      const content = jsonLines(tickets);
      const asset = await project.asset({ source_id: name, path: `data/${name}.jsonl`, content });
      return (await project.manifest(name, { assets: [asset] })).manifest_id;
    };
    const changed = { status: 'resolved', updated_at: '2026-04-02T00:00:00Z' };
    const ids = [
      await deliver('a', [ticket(10), ticket(11), ticket(12)]),
      await deliver('b', [ticket(10, changed), ticket(13)]),
    ];
    const settings = ids.map((id) => [id, { write_mode: 'current_by_key' }]);
    await configure(project, { manifest_settings: Object.fromEntries(settings) });
    const attempts: number[] = [];
    await runWhile(project, { manifest: 'a.json', at: 'metadata_written', other: 'b.json', attempts });
    assert.deepEqual(attempts, [1, 2], 'the first swap was lost, the second won');
    const seen = await tablesAsSeen(homeOf(project));
    const newest = (seen['current.ticket'] ?? []).map((row) => Object.fromEntries(JSON.parse(row)));
    assert.deepEqual(newest.map(({ status }) => status).sort(), ['open', 'open', 'open', 'resolved']);
    assert.equal(seen.ticket?.length, 5);
    assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('of two manifests that bring the same record: it comes in once, and the later one is logged as its duplicate', async () => {
    await using project = await sampleProject();
    const shared = ticket(30);
    const a = jsonLines([shared, ticket(31)]);
    const b = jsonLines([ticket(32), { ...shared, source_id: 'elsewhere' }]);
    await project.manifest('a', {
      assets: [await project.asset({ source_id: 'a', path: 'data/a.jsonl', content: a })],
    });
    await project.manifest('b', {
      assets: [await project.asset({ source_id: 'b', path: 'data/b.jsonl', content: b })],
    });
    const report = await runWhile(project, {
      manifest: 'a.json',
      at: 'unit_prepared',
      other: 'b.json',
      attempts: [],
    });
    assert.equal(report.state, 'committed');
    assert.equal(report.recordTally.accepted, 1);
    assert.equal(report.recordTally.duplicate, 1);
    assert.equal(report.reconciliation?.verdict, 'pass');
    const seen = await tablesAsSeen(homeOf(project));
    assert.equal(seen.ticket?.length, 3);
    assert.equal(seen.skips?.length, 1);
    assert.match(seen.skips?.[0] ?? '', /"keeper_source_id","b"/);
  });

  it('of duplicates alone, and of a replacement that takes their rows out: the record comes in', async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, number: number) => {
      const asset = { source_id: name, path: `data/${name}.jsonl`, content: jsonLines([ticket(number)]) };
      await project.manifest(name, { assets: [await project.asset(asset)] });
    };
    await deliver('b', 30);
    await runOnly(project);
    await deliver('a', 30);
    const attempts: number[] = [];
    const report = await runWhile(project, {
      manifest: 'a.json',
      at: 'metadata_written',
      attempts,
      meanwhile: async () => {
        await deliver('b', 33);
        await using tidemark = await openTidemark({ project: project.root });
        const batch = { manifestId: 'manifest-b-20260401-001', batchId: 'batch-b' };
        const { planId } = await tidemark.planRecovery({ ...batch, verb: 'rerun', reason: 'a test' });
        await tidemark.executePlan({ verb: 'rerun', planId });
      },
    });
    assert.deepEqual(attempts, [1, 2, 1], 'the first was lost, the second found its unit out of date');
    assert.equal(report.recordTally.accepted, 1);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
    assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
  });
});

/** Runs one manifest, and something else to its end in the middle of it: another one, unless told. */
async function runWhile(
  project: SampleProject,
  options: { manifest: string; at: string; attempts: number[] } & (
    | { other: string }
    | { meanwhile: () => Promise<void> }
  ),
) {
  let done = false;
  await using tidemark = await openTidemark({
    project: project.root,
    onEvent: (event) => {
      if (event.kind === 'committing') options.attempts.push(event.attempt);
    },
    onReached: async (point) => {
      if (point !== options.at || done) return;
      done = true;
      if ('meanwhile' in options) return await options.meanwhile();
      const { unopened } = await runElsewhere(project, options.other);
      assert.deepEqual(unopened, []);
    },
  });
  const { runs } = await tidemark.run({
    manifestPaths: [join(project.root, 'data/seed_manifests', options.manifest)],
  });
  const [report] = runs;
  assert.ok(report);
  return report;
}
