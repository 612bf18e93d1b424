import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { configure, isProven, rejectsOf, runSource } from '../../tidemark/src/testing/proven-formats.ts';
import { sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

const FORMATS = (format: string) =>
  `manifest_settings: { manifest-m-20260401-001: { formats: { helpdesk: ${format} } } }\n`;

describe('a JSON array as a source', () => {
  it('comes in element by element, each bad one a rejection with its number and bytes', async () => {
    const bad = ticket(2, { status: 'parked' });
    const laidOut = JSON.stringify([ticket(1), bad, 17, ticket(3), ticket(1)], null, 2);
    for (const [path, content] of [
      ['data/m.json', laidOut],
      ['data/m.json.zst', zstdCompressSync(laidOut)],
    ] as const) {
      await using project = await sampleProject();
      const report = await runSource(project, { path, content });
      const { read, accepted, duplicate, rejected } = report.assets[0]?.records ?? {};
      assert.deepEqual([read, accepted, duplicate, rejected], [5, 2, 1, 2]);
      await isProven(project);
      const rejects = await rejectsOf(project);
      assert.deepEqual(
        rejects.map(({ line, rule }) => [line, rule]),
        [
          [2, 'enum'],
          [3, 'not_an_object'],
        ],
      );
      const [first, second] = rejects.map(({ payload }) => (payload?.kind === 'read' ? payload.text : ''));
      assert.match(first ?? '', /^\{.*parked.*\}$/);
      assert.equal(second, '17');
    }
  });

  it('comes from where a declared pointer leads to, and is never silently shorter than its document', async () => {
    await using project = await sampleProject();
    await configure(project, FORMATS('{ format: json, pointer: /data/items }'));
    const document = JSON.stringify({ next: null, data: { total: 2, items: [ticket(1), ticket(2)] } });
    const report = await runSource(project, { path: 'data/page.txt', content: document });
    assert.equal(report.assets[0]?.records?.accepted, 2);
    await isProven(project);
    await using cut = await sampleProject();
    await runSource(cut, {
      path: 'data/m.json',
      content: JSON.stringify([ticket(1), ticket(2)]).slice(0, -40),
    });
    assert.deepEqual(
      (await rejectsOf(cut)).map(({ line, rule, received }) => [line, rule, received]),
      [[2, 'malformed_json', 'the end of the document']],
    );
  });

  it('is refused where it is declared and is none', async () => {
    await using project = await sampleProject();
    await configure(project, FORMATS('{ format: json }'));
    const report = await runSource(project, { path: 'data/m.json', content: JSON.stringify(ticket(1)) });
    assert.match(
      report.assets[0]?.findings[0]?.message ?? '',
      /^TM4601 data\/m\.json: expected a JSON array, as declared in tidemark\.yaml, received a document that begins with "\{"/,
    );
  });
});
