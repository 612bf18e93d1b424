import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { InvariantError } from '../errors/tidemark-error.ts';
import { liveFilesOf } from './live-files.ts';
import { type RejectRow, type RejectsQuery, readRejects } from './rejects.ts';
import { manifestId, type TicketProject, ticket, ticketProject } from './ticket-project.fixture.ts';

const BAD_STATUS = ticket(2, { status: 'asleep' });
const NO_OWNER = { ...ticket(3), owner: undefined };

describe('rejects', () => {
  test('tell what broke, where, and where the bytes are, newest commit first, then by source and line', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:b': [ticket(1), BAD_STATUS], 'desk:a': ['{', NO_OWNER] } });
    const [first] = await project.run();
    await project.declare({ batchId: 'batch-2', sources: { 'desk:c': [{ ...BAD_STATUS, priority: 'p9' }] } });
    await project.run();

    const rows = await rejectsOf(project, {});
    assert.deepEqual(
      rows.map(({ sourceId, line, rule, pointer }) => [sourceId, line, rule, pointer]),
      [
        ['desk:c', 1, 'enum', '/status'],
        ['desk:a', 1, 'malformed_json', ''],
        ['desk:a', 2, 'required', '/owner'],
        ['desk:b', 2, 'enum', '/status'],
      ],
    );
    assert.deepEqual(rows[0]?.violations.map(({ pointer }) => pointer).sort(), ['/priority', '/status']);
    const last = rows[3];
    assert.equal(last?.received, '"asleep"');
    assert.match(last?.expected ?? '', /open, pending/);
    assert.equal(last?.runId, first?.runId);
    assert.equal(last?.table, 'ticket');
    assert.equal(
      last?.payloadRef,
      `raw/sha256/${last?.sourceFingerprint.slice(0, 2)}/${last?.sourceFingerprint}`,
    );
    assert.equal(last?.payload, null);
  });

  test('are filtered by run, batch, manifest, source and any broken rule', async () => {
    await using project = await ticketProject();
    const both = { ...BAD_STATUS, owner: undefined };
    await project.declare({ name: 'one', sources: { 'desk:a': [both], 'desk:b': [NO_OWNER] } });
    await project.declare({ name: 'two', batchId: 'batch-2', sources: { 'desk:c': [BAD_STATUS] } });
    const [one] = await project.run();
    const sources = async (query: RejectsQuery) =>
      (await rejectsOf(project, query)).map(({ sourceId }) => sourceId);
    assert.deepEqual(await sources({ runId: one?.runId ?? '' }), ['desk:a', 'desk:b']);
    assert.deepEqual(await sources({ batchId: 'batch-2' }), ['desk:c']);
    assert.deepEqual(await sources({ manifestId: manifestId('one'), sourceId: 'desk:b' }), ['desk:b']);
    assert.deepEqual(await sources({ rule: 'enum' }), ['desk:c', 'desk:a']);
    assert.deepEqual(await sources({ rule: 'required' }), ['desk:a', 'desk:b']);
    assert.deepEqual(await sources({ limit: 1 }), ['desk:c']);
    assert.deepEqual(await sources({ sourceId: "no such ' source" }), []);
  });

  test('give the exact bytes back; what is no UTF-8 or would steer a terminal is escaped', async () => {
    await using project = await ticketProject();
    const broken = Buffer.from([0x7b, 0x22, 0xff, 0xc3, 0xa9, 0x1b, 0x5b, 0x09, 0xed, 0xa0, 0x80]);
    await project.declare({ sources: { 'desk:a': [ticket(1), broken, BAD_STATUS] } });
    await project.run();
    const [first, second] = await rejectsOf(project, { withPayload: true });
    assert.deepEqual(first?.payload, {
      kind: 'read',
      text: '{"\\xffé\\x1b[\t\\xed\\xa0\\x80',
      escaped: true,
      omittedBytes: 0,
    });
    assert.deepEqual(second?.payload, {
      kind: 'read',
      text: JSON.stringify(BAD_STATUS),
      escaped: false,
      omittedBytes: 0,
    });
  });

  test('show no more of a payload than the longest line, and say how much is left out', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [BAD_STATUS] } });
    await project.run();
    const archive = await project.archive({ lineBytesMax: 10 });
    const [row] = await Array.fromAsync(readRejects(archive, { withPayload: true }));
    const whole = JSON.stringify(BAD_STATUS);
    assert.deepEqual(row?.payload, {
      kind: 'read',
      text: whole.slice(0, 10),
      escaped: false,
      omittedBytes: whole.length - 10,
    });
  });

  test('go on when a raw object is gone: the payload says so, the row stays', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [BAD_STATUS] } });
    await project.run();
    const [{ sourceFingerprint } = assert.fail()] = await rejectsOf(project, {});
    await rm(project.home.objectPath('raw', sourceFingerprint));
    const [row] = await rejectsOf(project, { withPayload: true });
    assert.equal(row?.rule, 'enum');
    assert.equal(row?.payload?.kind, 'unavailable');
  });

  test('belong to the run that committed them as well as to the one that prepared them', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [BAD_STATUS] } });
    const stopped = await project.run({
      onReached: (point) => {
        if (point === 'unit_prepared') throw new Error('stopped here');
      },
    });
    assert.equal(stopped[0]?.state, 'failed');
    const [committing] = await project.run();
    const rows = await rejectsOf(project, { runId: committing?.runId ?? '' });
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.runId, stopped[0]?.runId);
  });

  test('of a run, manifest or batch that the catalog does not know are an error with the next command, not an empty list', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    assert.deepEqual(await rejectsOf(project, {}), []);
    for (const query of [{ runId: 'nobody' }, { manifestId: 'nobody' }, { batchId: 'nobody' }])
      await assert.rejects(rejectsOf(project, query), { code: 'TM8002', next: 'tidemark status' });
  });

  test('name the file that is missing, of the data or of the metadata', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [BAD_STATUS] } });
    await project.run();
    const { catalog, home } = await project.archive();
    const [{ path } = assert.fail()] = await liveFilesOf(catalog, 'rejects');
    for (const place of [path, join(home.tableDir('rejects'), 'metadata')]) {
      await rm(place, { recursive: true });
      await assert.rejects(rejectsOf(project, {}), (error) => {
        assert.ok(error instanceof InvariantError);
        assert.equal(error.code, 'TM6003');
        assert.ok(error.message.includes(place));
        return true;
      });
    }
  });
});

async function rejectsOf(project: TicketProject, query: RejectsQuery): Promise<RejectRow[]> {
  return await Array.fromAsync(readRejects(await project.archive(), query));
}
