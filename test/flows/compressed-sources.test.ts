import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure, isProven, rejectsOf, runSource } from '../../tidemark/src/testing/proven-formats.ts';
import { runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { typed } from '../../tidemark/src/testing/type-command.ts';
import { zipArchive } from '../../tidemark/src/testing/zip-archive.ts';

const LINES = [ticket(1), ticket(2, { status: 'parked' }), '', ticket(1), '{"broken', ticket(3)];
const TEXT = jsonLines(LINES);

/** Rows without what tells the object that they came from. */
const rowsOf = (tables: Record<string, string[]>) =>
  Object.values(tables)
    .flat()
    .map((row) => row.replaceAll(/(raw\/sha256\/..\/)?[0-9a-f]{64}/g, ''));

describe('a compressed source', () => {
  it('comes to the rows, places and rejections of the plain one, is verified and replayed', async () => {
    await using plain = await sampleProject();
    await runSource(plain, { path: 'data/m.jsonl', content: TEXT });
    const expected = rowsOf(await isProven(plain)).sort();
    const half = TEXT.length / 2;
    for (const [ending, content] of [
      ['gz', gzipSync(TEXT)],
      ['zst', zstdCompressSync(TEXT)],
      ['gz', Buffer.concat([gzipSync(TEXT.slice(0, half)), gzipSync(TEXT.slice(half))])],
      ['zst', Buffer.concat([zstdCompressSync(TEXT.slice(0, half)), zstdCompressSync(TEXT.slice(half))])],
      ['zip', zipArchive([{ name: 'export/m.jsonl', content: TEXT }])],
    ] as const) {
      await using project = await sampleProject();
      const report = await runSource(project, { path: `data/m.jsonl.${ending}`, content });
      assert.equal(report.assets[0]?.outcome, 'committed');
      assert.deepEqual(rowsOf(await isProven(project)).sort(), expected);
      const rejects = await rejectsOf(project);
      assert.deepEqual(
        rejects.map(({ line, offset, payload }) => [line, offset, payload?.kind === 'read' && payload.text]),
        [2, 5].map((line) => {
          const before = jsonLines(LINES.slice(0, line - 1));
          const text = jsonLines([LINES[line - 1] ?? '']).trim();
          return [line, Buffer.byteLength(before), text];
        }),
      );
    }
  });

  it('is shown with the place of a record in the decompressed bytes', async () => {
    await using project = await sampleProject();
    await runSource(project, { path: 'data/m.jsonl.gz', content: gzipSync(TEXT) });
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const [broken] = (await rejectsOf(project)).filter(({ rule }) => rule === 'malformed_json');
    const [story] = await tidemark.show(broken?.fingerprint ?? '');
    const facts = Object.fromEntries(story?.facts.map(({ label, value }) => [label, value]) ?? []);
    assert.match(String(facts.place), /^byte \d+, 8 bytes, of raw\/sha256\/.*, decompressed \(gzip\)$/);
    assert.equal(facts.payload, '{"broken');
  });

  it('is refused whole where it is cut, altered, or a bomb; what is known of it is told, and a whole one mends it', async () => {
    const whole = gzipSync(TEXT);
    const altered = Buffer.from(whole);
    altered[whole.length - 6] = (altered[whole.length - 6] as number) ^ 1;
    for (const [content, rule, message] of [
      [whole.subarray(0, -9), 'stream_truncated', /^TM4602 data\/m\.jsonl\.gz: expected a whole gzip stream/],
      [altered, 'stream_corrupt', /^TM4602 .* incorrect data check/],
      [gzipSync(Buffer.alloc(20_000_000)), 'decoded_ratio_too_high', /^TM4603 .*limits\.decodedRatioMax/],
    ] as const) {
      await using project = await sampleProject();
      const report = await runSource(project, { path: 'data/m.jsonl.gz', content });
      const [asset] = report.assets;
      assert.equal(asset?.outcome, 'refused');
      assert.deepEqual(
        asset?.findings.map((finding) => finding.rule),
        [rule],
      );
      assert.match(asset?.findings[0]?.message ?? '', message);
      assert.match(
        asset?.next ?? '',
        rule.startsWith('stream') ? /^Deliver data\/m\.jsonl\.gz whole/ : /raise the limit/,
      );
      const { exit, stdout } = await typed(project, 'tidemark show helpdesk');
      assert.equal(exit, 0);
      assert.match(stdout, /refused/);
      const verified = await typed(project, 'tidemark verify');
      assert.match(
        verified.stdout,
        new RegExp(`source_contradicts_manifest[\\s\\S]*${message.source.slice(1, 7)}`),
      );
      const mended = await runSource(project, { path: 'data/m.jsonl.gz', content: whole });
      assert.equal(mended.assets[0]?.outcome, 'committed');
    }
  });

  it('is refused where its name and its bytes say different things', async () => {
    for (const [path, content, received] of [
      ['data/m.jsonl', gzipSync(TEXT), /expected plain text, by its name, received gzip bytes/],
      ['data/m.jsonl.zst', gzipSync(TEXT), /expected a zstd stream, by its name, received gzip bytes/],
      ['data/m.jsonl.gz', TEXT, /expected a gzip stream, by its name, received other bytes/],
    ] as const) {
      await using project = await sampleProject();
      const [asset] = (await runSource(project, { path, content })).assets;
      assert.equal(asset?.outcome, 'refused');
      assert.match(asset?.findings[0]?.message ?? '', received);
      assert.match(asset?.next ?? '', /helpdesk/);
    }
    await using project = await sampleProject();
    const report = await runSource(project, { path: 'data/export', content: gzipSync(TEXT) });
    assert.equal(report.assets[0]?.outcome, 'committed');
  });

  it('is cut into stretches for threads as a plain one is', async () => {
    const text = jsonLines(Array.from({ length: 400 }, (_, number) => ticket(number)));
    const settings = 'limits: { refineInPlaceBytesMax: 1000, refineWorkersMax: 2, chunkBytes: 4096 }\n';
    const rows = [];
    for (const [path, content] of [
      ['data/m.jsonl', text],
      ['data/m.jsonl.gz', gzipSync(text)],
    ] as const) {
      await using project = await sampleProject();
      await configure(project, settings);
      await runSource(project, { path, content });
      rows.push(rowsOf(await isProven(project)).sort());
    }
    assert.equal(rows[0]?.length, 400);
    assert.deepEqual(rows[1], rows[0]);
  });
});

describe('an archive', () => {
  const part = (name: string, ...lines: Parameters<typeof jsonLines>[0]) => ({
    name,
    content: jsonLines(lines).trimEnd(),
  });
  const PARTS = zipArchive([
    part('2026/b.jsonl', ticket(3), '{"broken'),
    part('2026/a.jsonl', ticket(1), ticket(2)),
    { name: 'read me.txt', content: 'not records' },
  ]);
  const declare = (project: SampleProject, fields: object) =>
    configure(
      project,
      JSON.stringify({
        manifest_settings: { 'manifest-m-20260401-001': { formats: { helpdesk: fields } } },
      }),
    );

  it('brings the records of the members that a pattern means, by name, and shows where one stands', async () => {
    await using project = await sampleProject();
    await declare(project, { member: '2026/*.jsonl' });
    const report = await runSource(project, { path: 'data/export.zip', content: PARTS });
    assert.deepEqual([report.recordTally.accepted, report.recordTally.rejected], [3, 1]);
    assert.equal((await isProven(project)).ticket?.length, 3);
    const [broken] = await rejectsOf(project);
    assert.equal(broken?.line, 4);
    assert.equal(broken?.payload?.kind === 'read' && broken.payload.text, '{"broken');
    const { stdout } = await typed(project, `tidemark show ${broken?.unitKey}`);
    assert.match(stdout, /lines of JSON, zip \(2026\/\*\.jsonl\)/);
  });

  it('brings a table of text as well as lines, from the one member that is declared', async () => {
    await using project = await sampleProject();
    const { tags: _, ...row } = ticket(1, { subject: 'The printer' });
    const csv = `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`;
    const content = zipArchive([
      { name: 'a.csv', content: csv },
      { name: 'b.csv', content: 'x' },
    ]);
    await declare(project, { member: 'a.csv' });
    const report = await runSource(project, { path: 'data/export.zip', content });
    assert.deepEqual([report.recordTally.accepted, report.recordTally.rejected], [1, 0]);
    await isProven(project);
  });

  it('brings tables of text and arrays too, each member as a source of its own, with its header and its lines', async () => {
    await using project = await sampleProject();
    const csvOf = (number: number, order: (names: string[]) => string[]) => {
      const { tags: _, ...row } = ticket(number, { subject: `printer ${number}` });
      const names = order(Object.keys(row));
      const cells = names.map((name) => String(row[name as keyof typeof row]));
      return `${names.join(',')}\n${cells.join(',')}\nbroken\n`;
    };
    const content = zipArchive([
      { name: 'a.csv', content: csvOf(1, (names) => names) },
      { name: 'b.csv', content: csvOf(2, (names) => names.toReversed()) },
      { name: 'c.json', content: JSON.stringify([ticket(3)]) },
    ]);
    const members = { a: 'a.csv', b: 'b.csv', c: 'c.json' };
    const formats = Object.fromEntries(Object.entries(members).map(([name, member]) => [name, { member }]));
    await configure(
      project,
      JSON.stringify({ manifest_settings: { 'manifest-m-20260401-001': { formats } } }),
    );
    const assets = Object.keys(members).map((source_id) =>
      project.asset({ source_id, path: 'data/export.zip', content }),
    );
    await project.manifest('m', { assets: await Promise.all(assets) });
    const report = await runOnly(project);
    assert.deepEqual([report.recordTally.accepted, report.recordTally.rejected], [3, 2]);
    assert.equal((await isProven(project)).ticket?.length, 3);
    assert.deepEqual((await rejectsOf(project)).map(({ sourceId, line }) => `${sourceId} ${line}`).sort(), [
      'a 3',
      'b 3',
    ]);
  });

  it('is refused where no member is meant clearly, or what it holds is not to be read, and says what to do', async () => {
    for (const [fields, content, message, next] of [
      [
        {},
        PARTS,
        /^TM4606 .* expected one file, or a member that is declared, received "2026\/b/,
        /Declare member/,
      ],
      [
        { member: '*' },
        zipArchive([part('a.csv', 'x'), part('b.csv', 'y')]),
        /^TM4606 .*several that are lines/,
        /member/,
      ],
      [
        { member: 'a' },
        zipArchive([{ ...part('a', ticket(1)), flags: 1 }]),
        /^TM4605 .*is encrypted/,
        /without that/,
      ],
      [{}, zipArchive([{ name: '../a', content: '' }]), /^TM4605 .*invalid relative path/, /without that/],
      [{}, PARTS.subarray(0, -30), /^TM4602 /, /whole/],
      [{}, zipArchive([{ name: 'a.jsonl', content: gzipSync(TEXT) }]), /^TM4601 .*gzip bytes/, /Deliver/],
    ] as const) {
      await using project = await sampleProject();
      await declare(project, fields);
      const [asset] = (await runSource(project, { path: 'data/export.zip', content })).assets;
      assert.equal(asset?.outcome, 'refused', String(message));
      assert.match(asset?.findings[0]?.message ?? '', message);
      assert.match(asset?.next ?? '', next);
    }
  });
});
