import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { liveFilesOf } from './live-files.ts';
import type { RunReport } from './run-report.ts';
import { show } from './show.ts';
import type { Story } from './stories/story.ts';
import { manifestId, type TicketProject, ticket, ticketId, ticketProject } from './ticket-project.fixture.ts';

describe('show', () => {
  let project: TicketProject;
  let first: RunReport;
  let second: RunReport;
  /** The first batch once more, with nothing to commit. */
  let again: RunReport;
  const showIn = async (query: string) => await show(await project.archive(), query);
  const only = async (query: string): Promise<Story> => {
    const stories = await showIn(query);
    assert.equal(stories.length, 1, `${query}: ${stories.map(({ title }) => title).join(' | ')}`);
    return stories[0] ?? assert.fail();
  };
  const assetOf = (run: RunReport, sourceId: string) =>
    run.assets.find((asset) => asset.sourceId === sourceId) ?? assert.fail();
  const snapshotOf = (run: RunReport, table: string) =>
    run.tables.find((entry) => entry.table === table)?.snapshotId ?? assert.fail();

  // Two deliveries: a desk's export with a duplicate, two rejections and a source held back; then a newer version.
  before(async () => {
    project = await ticketProject();
    const asleep = ticket(4, { status: 'asleep' });
    await project.declare({
      sources: {
        'desk:a': [ticket(1), ticket(2), asleep, `{"ticket_id":"${ticketId(5)}",`],
        'desk:b': [ticket(2), ticket(3)],
        'desk:c': [ticket(6)],
      },
      held: ['desk:c'],
    });
    [first = assert.fail()] = await project.run();
    const newer = ticket(1, { status: 'closed', updated_at: '2026-03-02T00:00:00Z' });
    await project.declare({ name: 'later', batchId: 'batch-2', sources: { 'desk:d': [newer] } });
    const runs = await project.run();
    second = runs.find((run) => run.manifestId === manifestId('later')) ?? assert.fail();
    again = runs.find((run) => run.manifestId === manifestId()) ?? assert.fail();
  });
  after(async () => await project[Symbol.asyncDispose]());

  test('answers to every anchor', async () => {
    const { sourceFingerprint } = assetOf(first, 'desk:a');
    for (const [query, kind] of [
      [manifestId(), 'manifest'],
      ['batch-2', 'batch'],
      [first.runId, 'run'],
      [second.traceId, 'trace'],
      [sourceFingerprint ?? '', 'content'],
      [(sourceFingerprint ?? '').toUpperCase(), 'content'],
    ] as const) {
      assert.equal((await only(query)).kind, kind, query);
    }
    const batch = await only(second.sourceFingerprint);
    assert.deepEqual([batch.kind, batch.title], ['run', `run ${second.runId}: committed`]);
  });

  test('answers to sources, units, snapshots, tables, contracts and evidence hashes', async () => {
    const { unitKey, contractRef } = assetOf(first, 'desk:b');
    const { catalog } = await project.archive();
    const { hash: sealed } = await catalog
      .selectFrom('evidence')
      .select('hash')
      .limit(1)
      .executeTakeFirstOrThrow();
    for (const [query, kind] of [
      ['desk:b', 'source'],
      [unitKey ?? '', 'unit'],
      [snapshotOf(first, 'ticket'), 'snapshot'],
      ['ticket', 'table'],
      ['bronze.rejects', 'table'],
      [contractRef, 'contract'],
      [sealed, 'evidence_entry'],
    ] as const) {
      assert.equal((await only(query)).kind, kind, query);
    }
  });

  test('tells of a run what became of every asset, where it went, and what to do next', async () => {
    const story = await only(first.runId);
    assert.equal(value(story, 'assets'), '3 declared = 2 committed + 1 held');
    assert.equal(value(story, 'records'), '6 read = 3 accepted + 1 duplicate + 2 rejected');
    assert.match(value(story, 'proof'), /^pass: (\d+) of \1 checks passed$/);
    assert.match(value(story, 'held'), /desk:c.*missing_metadata/);
    const snapshots = story.related.filter(({ label }) => label === 'committed').map(({ query }) => query);
    assert.ok(snapshots.includes(snapshotOf(first, 'ticket')));
    assert.equal(story.next, null, 'a later run of the batch is the one to go on from');
    assert.match((await only(again.runId)).next ?? '', /metadata.*desk:c/);
    assert.equal((await only(second.runId)).next, null);
  });

  test('finds a record by its fingerprint and says how it came in, where it lies and how often it came again', async () => {
    const [byId = assert.fail()] = await showIn(ticketId(2));
    const story = await only(value(byId, 'fingerprint'));
    assert.equal(story.kind, 'record');
    assert.equal(story.title, `record ${ticketId(2)} in bronze.ticket`);
    assert.match(value(story, 'taken from'), /^desk:a, line 2, byte \d+$/);
    assert.match(value(story, 'duplicate'), /^line 1 of desk:b, batch batch-1/);
    assert.equal(linked(story, 'batch'), 'batch-1');
    assert.equal(linked(story, 'committed by run'), first.runId);
    assert.equal(linked(story, 'snapshot'), snapshotOf(first, 'ticket'));
    assert.equal(linked(story, 'content'), assetOf(first, 'desk:a').sourceFingerprint);
    assert.equal(linked(story, 'unit'), assetOf(first, 'desk:a').unitKey);
  });

  test('finds every version of a business record, the current one first', async () => {
    const stories = await showIn(ticketId(1));
    assert.deepEqual(
      stories.map((story) => [value(story, 'version'), linked(story, 'source')]),
      [
        ['2 of 2, the current one', 'desk:d'],
        ['1 of 2', 'desk:a'],
      ],
    );
  });

  test('finds a rejected record by its own id in the payload, even in a line that is no JSON', async () => {
    for (const [id, rule, line] of [
      [ticketId(4), 'enum', 3],
      [ticketId(5), 'malformed_json', 4],
    ] as const) {
      const story = await only(id);
      assert.equal(story.kind, 'rejection');
      assert.ok(story.facts.some(({ label }) => label === rule));
      assert.ok(value(story, 'payload').includes(id));
      assert.equal(
        story.next,
        `Mend line ${line} of desk:a, deliver the source again, then: tidemark run --manifest-path data/seed_manifests/desk.json`,
      );
      assert.deepEqual(await showIn(value(story, 'fingerprint').slice(0, 16)), [story]);
    }
  });

  test('does not take a record for another one whose text merely mentions its id', async () => {
    await using other = await ticketProject();
    const mention = ticket(8, { status: 'asleep', description: ticketId(7), tags: [ticketId(7)] });
    await other.declare({ sources: { 'desk:a': [mention] } });
    await other.run();
    assert.deepEqual(await show(await other.archive(), ticketId(7)), []);
  });

  test('answers to a declared path, a manifest file and a file on disk, relative or absolute', async () => {
    for (const path of ['exports/desk-desk-a.jsonl', join(project.dir, 'exports/desk-desk-a.jsonl')]) {
      assert.match((await only(path)).title, /^source desk:a /, path);
    }
    assert.equal((await only(join(project.dir, 'data/seed_manifests/desk.json'))).kind, 'manifest');
  });

  test('answers to every file that is kept: raw objects, data files, metadata, evidence', async () => {
    const { catalog, home } = await project.archive();
    const sha256 = assetOf(first, 'desk:a').sourceFingerprint ?? '';
    assert.equal((await only(relative(project.dir, home.objectPath('raw', sha256)))).kind, 'content');

    const files = await liveFilesOf(catalog, 'ticket');
    assert.equal(files.length, 3);
    for (const file of files) {
      const story = await only(file.path);
      assert.equal(story.kind, 'data_file');
      assert.equal(linked(story, 'snapshot'), String(file.addedSnapshotId));
      assert.deepEqual(await showIn(file.uri), [story]);
    }
    const { metadata_location: metadata } = await catalog
      .selectFrom('commits')
      .select('metadata_location')
      .where('snapshot_id', '=', snapshotOf(second, 'ticket'))
      .executeTakeFirstOrThrow();
    assert.equal((await only(metadata)).title, `snapshot ${snapshotOf(second, 'ticket')} of bronze.ticket`);

    const report = join(home.evidenceDir, first.runId, 'report.md');
    assert.match((await only(report)).title, /as sealed$/);
    assert.equal((await only(join(home.evidenceDir, first.runId))).kind, 'run');
  });

  test('answers to a beginning of at least six characters, and to nothing shorter', async () => {
    const sha256 = assetOf(first, 'desk:a').sourceFingerprint ?? '';
    assert.equal((await only(sha256.slice(0, 10))).kind, 'content');
    assert.equal((await only(`${first.runId.slice(0, 24)}`)).kind, 'run');
    assert.deepEqual(await showIn(sha256.slice(0, 5)), []);
  });

  test('tells every thing that an ambiguous beginning may mean', async () => {
    const stories = await showIn('manifest-');
    assert.deepEqual(
      stories.map(({ title }) => title),
      [`manifest ${manifestId()}`, `manifest ${manifestId('later')}`],
    );
    const versions = await showIn(ticketId(1).slice(0, -1));
    assert.deepEqual(
      versions.map(({ title }) => title.slice('record '.length, -' in bronze.ticket'.length)),
      [ticketId(1), ticketId(1), ticketId(2), ticketId(3)],
    );
  });

  test('answers with nothing to what nobody knows', async () => {
    const unknown = hash('sha256', 'nobody');
    for (const query of [
      '',
      '  ',
      'nobody',
      unknown,
      unknown.slice(0, 32),
      '/etc/hosts',
      'file://%zz',
      "' OR 1",
    ]) {
      assert.deepEqual(await showIn(query), [], query);
    }
  });

  test('every related thing answers to its query', async () => {
    const queries = new Set<string>([manifestId(), first.runId, 'desk:a', ticketId(2)]);
    for (const query of queries) {
      const stories = await showIn(query);
      assert.notDeepEqual(stories, [], query);
      if (queries.size < 60)
        for (const story of stories) for (const link of story.related) queries.add(link.query);
    }
    assert.ok(queries.size > 20);
  });
});

describe('show, where something is damaged,', () => {
  test('names a missing data file when records are asked for, and still tells what the catalog knows', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    const [run] = await project.run();
    const archive = await project.archive();
    const [{ path } = assert.fail()] = await liveFilesOf(archive.catalog, 'ticket');
    await rm(path);
    await assert.rejects(show(archive, ticketId(1)), { code: 'TM6003' });
    assert.equal((await show(archive, (run?.runId ?? '').slice(0, 8)))[0]?.kind, 'run');
    const [file] = await show(archive, path);
    assert.equal(file?.next, `tidemark reconcile --run ${run?.runId}`);
  });

  test('says that an evidence file was altered, and that a raw object is gone', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    const [run = assert.fail()] = await project.run();
    const archive = await project.archive();
    const report = join(archive.home.evidenceDir, run.runId, 'report.md');
    await writeFile(report, 'all is well');
    const [altered] = await show(archive, report);
    assert.match(altered?.title ?? '', /ALTERED$/);
    assert.equal(altered?.next, 'tidemark evidence verify');
    const sha256 = run.assets[0]?.sourceFingerprint ?? '';
    await rm(archive.home.objectPath('raw', sha256));
    const [content] = await show(archive, sha256);
    assert.equal(content?.next, 'tidemark reconcile --hash');
  });
});

function value(story: Story, label: string): string {
  return (
    story.facts.find((fact) => fact.label === label)?.value ?? assert.fail(`no ${label} in ${story.title}`)
  );
}

function linked(story: Story, label: string): string {
  return (
    story.related.find((link) => link.label === label)?.query ?? assert.fail(`no ${label} in ${story.title}`)
  );
}
