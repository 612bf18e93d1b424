import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { configure, isProven, rejectsOf, runSource } from '../../tidemark/src/testing/proven-formats.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

const declared = (format: string) =>
  `manifest_settings: { manifest-m-20260401-001: { formats: { helpdesk: ${format} } } }\n`;

describe('a source that is not UTF-8', () => {
  it('is read as UTF-16 where its byte order mark says so, compressed or not; what is no character is told by itself', async () => {
    const text = jsonLines([ticket(1), `{"ticket_id":"\ud800"}`, ticket(2)]);
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    for (const [path, content] of [
      ['data/m.jsonl', bytes],
      ['data/m.jsonl.gz', gzipSync(bytes)],
    ] as const) {
      await using project = await sampleProject();
      const report = await runSource(project, { path, content });
      assert.equal(report.assets[0]?.records?.accepted, 2);
      const { ticket: rows = [] } = await isProven(project);
      assert.match(rows.join(), /größer, schneller, 再現 ✨/);
      const [reject, ...others] = await rejectsOf(project);
      assert.equal(others.length, 0);
      assert.deepEqual(
        [reject?.line, reject?.rule, reject?.expected, reject?.received],
        [2, 'invalid_encoding', 'utf-16le', 'a lone surrogate 0xd800 at byte 14'],
      );
      assert.equal(
        reject?.payload?.kind === 'read' && reject.payload.text,
        '{"ticket_id":"\\xed\\xa0\\x80"}',
      );
    }
  });

  it('is read as it is declared; undeclared it is rejected line by line, with the byte', async () => {
    const record = JSON.stringify(ticket(1, { subject: 'Größe' }));
    await using project = await sampleProject();
    await configure(project, declared('{ encoding: windows-1252 }'));
    const content = Buffer.from(`${record}\n`, 'latin1');
    assert.equal(
      (await runSource(project, { path: 'data/m.jsonl', content })).assets[0]?.records?.accepted,
      1,
    );
    assert.match(((await isProven(project)).ticket ?? []).join(), /Größe/);
    await using other = await sampleProject();
    await runSource(other, { path: 'data/m.jsonl', content });
    const [reject] = await rejectsOf(other);
    assert.equal(reject?.rule, 'invalid_utf8');
    assert.equal(reject?.received, `0xf6 at byte ${record.indexOf('ö')}`);
  });
});
