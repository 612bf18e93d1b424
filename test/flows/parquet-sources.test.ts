import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { parquetFile } from '../../tidemark/src/testing/parquet-file.ts';
import { isProven, rejectsOf, runSource } from '../../tidemark/src/testing/proven-formats.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { tempFolder } from '../../tidemark/src/testing/temp-folder.ts';
import { typed } from '../../tidemark/src/testing/type-command.ts';
import { zipArchive } from '../../tidemark/src/testing/zip-archive.ts';

/** The same tickets in columns, as DuckDB makes them of the lines: times with a zone, lists, numbers. */
async function inColumns(
  tickets: readonly Record<string, unknown>[],
  { created = 'created_at::TIMESTAMPTZ', more = '' } = {},
): Promise<Buffer> {
  await using folder = await tempFolder();
  const path = await folder.write('t.jsonl', jsonLines(tickets));
  return await parquetFile(
    `SELECT * REPLACE (${created} AS created_at) ${more} FROM read_json('${path}', convert_strings_to_integers = false)`,
  );
}

const declare = (project: SampleProject, fields: object) =>
  configure(project, {
    manifest_settings: { 'manifest-m-20260401-001': { formats: { helpdesk: fields } } },
  });

/** Rows without what tells the object, and the place in it, that they came from. */
const cellsOf = (rows: readonly string[] = []) =>
  rows
    .map((row) => Object.fromEntries(JSON.parse(row)))
    .map(({ source_fingerprint: _, unit_key: __, record_offset: ___, ...cells }) => cells);

const TICKETS = [ticket(1), ticket(2, { status: 'parked' }), ticket(1), ticket(3)];

describe('a Parquet file as a source', () => {
  it('comes to the rows, duplicates and rejections of the same lines, and is proven and replayed', async () => {
    await using lines = await sampleProject();
    await runSource(lines, { path: 'data/m.jsonl', content: jsonLines(TICKETS) });
    await using project = await sampleProject();
    const content = await inColumns(TICKETS);
    const report = await runSource(project, { path: 'data/m.parquet', content });
    const { accepted, duplicate, rejected } = report.recordTally;
    assert.deepEqual([accepted, duplicate, rejected], [2, 1, 1]);
    assert.deepEqual(cellsOf((await isProven(project)).ticket), cellsOf((await isProven(lines)).ticket));
    const [reject] = await rejectsOf(project);
    assert.deepEqual([reject?.line, reject?.rule, reject?.pointer], [2, 'enum', '/status']);
    const payload = reject?.payload?.kind === 'read' ? JSON.parse(reject.payload.text) : null;
    assert.partialDeepStrictEqual(payload, {
      ticket_id: ticket(2).ticket_id,
      status: 'parked',
      tags: ['a', 'b'],
    });
    const sum = report.assets[0]?.sourceFingerprint ?? '';
    const raw = await readFile(join(homeOf(project), 'raw/sha256', sum.slice(0, 2), sum));
    assert.ok(raw.equals(content), 'kept as it was delivered');
    const { stdout } = await typed(project, `tidemark show ${report.assets[0]?.unitKey}`);
    assert.match(stdout, /records read as +rows of Parquet\n/);
  });

  it('has times without a zone judged as such, until it is declared what they are in', async () => {
    await using project = await sampleProject();
    const content = await inColumns(TICKETS, { created: "created_at::TIMESTAMPTZ AT TIME ZONE 'UTC'" });
    const report = await runSource(project, { path: 'data/m.parquet', content });
    assert.deepEqual([report.state, report.recordTally.rejected], ['committed', 4]);
    const [reject] = await rejectsOf(project);
    assert.deepEqual(
      [reject?.rule, reject?.pointer, reject?.received],
      ['format', '/created_at', '"2026-04-01T00:01:00"'],
    );
    await using declared = await sampleProject();
    await declare(declared, { zone: 'utc' });
    assert.equal((await runSource(declared, { path: 'data/m.parquet', content })).recordTally.accepted, 2);
    await isProven(declared);
  });

  it('is refused whole where it is damaged, a column would not come in as it is, or something is around it', async () => {
    const whole = await inColumns([ticket(1)]);
    const bytes = await inColumns([ticket(1)], { more: ", 'x'::BLOB AS attachment" });
    for (const [path, content, message, next] of [
      [
        'data/m.parquet',
        whole.subarray(0, -9),
        /^TM4602 data\/m\.parquet: expected a whole Parquet file/,
        /whole/,
      ],
      [
        'data/m.parquet',
        bytes,
        /^TM4607 .*attachment: it holds bytes/,
        /declare how it comes in: format of helpdesk/,
      ],
      [
        'data/m.jsonl',
        whole,
        /^TM4601 .*expected plain text, by its name, received a Parquet file/,
        /Deliver/,
      ],
      [
        'data/m.parquet',
        Buffer.from('{}\n'),
        /^TM4601 .*expected a Parquet file, by its name, received other bytes/,
        /Deliver/,
      ],
      ['data/m.parquet.gz', gzipSync(whole), /^TM4601 .*that nothing is around/, /Deliver/],
      [
        'data/m.zip',
        zipArchive([{ name: 'm.parquet', content: whole }]),
        /^TM4601 .*that nothing is around/,
        /Deliver/,
      ],
    ] as const) {
      await using project = await sampleProject();
      const [asset] = (await runSource(project, { path, content })).assets;
      assert.equal(asset?.outcome, 'refused', path);
      assert.match(asset?.findings[0]?.message ?? '', message);
      assert.match(asset?.next ?? '', next);
      assert.doesNotMatch(asset?.findings[0]?.message ?? '', /\/tmp\//);
    }
  });

  it('may be called as it likes, be cut into stretches for threads, and stops at the limits', async () => {
    const tickets = Array.from({ length: 400 }, (_, number) => ticket(number));
    const content = await inColumns(tickets);
    await using project = await sampleProject();
    await configure(project, {
      limits: { refineInPlaceBytesMax: 1000, refineWorkersMax: 2, chunkBytes: 4096 },
    });
    const report = await runSource(project, { path: 'data/export', content });
    assert.equal(report.recordTally.accepted, 400);
    assert.equal((await isProven(project)).ticket?.length, 400);
    await using small = await sampleProject();
    await configure(small, { limits: { decodedBytesMax: 5000, chunkBytes: 4096 } });
    const [asset] = (await runSource(small, { path: 'data/export', content })).assets;
    assert.match(asset?.findings[0]?.message ?? '', /^TM4603 .*limits\.decodedBytesMax/);
  });
});
