import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure, isProven, rejectsOf } from '../../tidemark/src/testing/proven-formats.ts';
import { runOnly } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, sampleProject } from '../../tidemark/src/testing/sample-project.ts';
import { shell, typed } from '../../tidemark/src/testing/type-command.ts';

const CONTRACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:shop:order:v1',
  type: 'object',
  required: ['order_id', 'placed_at'],
  properties: {
    order_id: { type: 'string' },
    placed_at: { type: 'string', format: 'date-time' },
    items: { type: 'integer', minimum: 1 },
    total: { type: 'number' },
    paid: { type: ['boolean', 'null'] },
    tags: { type: 'array', items: { type: 'string' } },
    note: { type: 'string' },
  },
  additionalProperties: false,
  'x-tidemark': { table: 'orders', business_key: 'order_id', event_time: 'placed_at' },
};

async function orders(
  project: SampleProject,
  { path, content, format }: { path: string; content: string | Uint8Array; format?: string },
) {
  await project.write('contracts/data/order.json', JSON.stringify(CONTRACT));
  if (format !== undefined) await declare(project, format);
  const { checksum_sha256, size_bytes } = await project.asset({ source_id: 'shop', path, content });
  const declared = manifest({ source: path, checksum_sha256, size_bytes });
  await project.write('data/seed_manifests/m.json', JSON.stringify(declared));
  return await runOnly(project);
}

function manifest(asset: Record<string, unknown>) {
  return {
    schema_version: 'source_manifest_v2',
    manifest_id: 'manifest-m-20260401-001',
    batch_id: 'batch-m',
    owner: 'shop',
    created_at: '2026-04-01T00:00:00Z',
    license_tag: 'proprietary',
    contract_ref: 'urn:shop:order:v1',
    load_mode: 'full_snapshot',
    assets: [{ source_id: 'shop', asset_type: 'jsonl', ...asset }],
  };
}

async function declare(project: SampleProject, format: string): Promise<void> {
  await configure(
    project,
    `manifest_settings: { manifest-m-20260401-001: { formats: { shop: ${format} } } }\n`,
  );
}

const ROWS = [
  'order_id,placed_at,items,total,paid,tags,note',
  'o-1,2026-03-01T08:00:00Z,2,19.90,true,"[""new"",""web""]","said ""yes"",\nthen left"',
  'o-2,2026-03-01T09:00:00Z,3,,,,',
  '',
  'o-3,yesterday,x2,0.5,maybe,[,plain',
  'o-4,2026-03-01T10:00:00Z,1,1',
  'o-5,2026-03-01T10:00:00Z,1,1,FALSE,[],say "no"',
  'o-2,2026-03-01T09:00:00Z,3,,,,',
  '',
].join('\r\n');

describe('a delimited source', () => {
  it('is typed by its contract; what cannot be is told with line and column, malformed rows with their bytes', async () => {
    await using project = await sampleProject();
    const report = await orders(project, { path: 'data/orders.csv', content: ROWS });
    const [asset] = report.assets;
    const { read, accepted, duplicate, rejected, blank } = asset?.records ?? {};
    assert.deepEqual([read, accepted, duplicate, rejected, blank], [6, 2, 1, 3, 1]);
    const tables = await isProven(project);
    const [first = {}, second = {}] = (tables.orders ?? []).map(
      (row) => Object.fromEntries(JSON.parse(row)) as Record<string, unknown>,
    );
    assert.equal(first.record_line, '2n');
    assert.deepEqual([first.items, first.total, first.paid], ['2n', 19.9, true]);
    assert.deepEqual([first.tags, first.note], [{ items: ['new', 'web'] }, 'said "yes",\nthen left']);
    assert.deepEqual([second.record_line, second.items, second.total, second.note], ['4n', '3n', null, null]);
    const rejects = await rejectsOf(project);
    assert.deepEqual(
      rejects.map(({ line, violations }) => [
        line,
        ...violations.map(({ rule, pointer }) => `${rule} ${pointer}`),
      ]),
      [
        [6, 'format /placed_at', 'type /items', 'type /paid', 'type /tags'],
        [7, 'csv_ragged_row '],
        [8, 'csv_stray_quote /note'],
      ],
    );
    assert.deepEqual(
      rejects.map(({ payload }) => payload?.kind === 'read' && payload.text),
      ROWS.split('\r\n').slice(4, 7),
    );
  });

  it('has its dialect found by the contract where none is declared, and recorded', async () => {
    for (const [delimiter, path] of [
      [';', 'data/orders.csv'],
      ['\t', 'data/orders.tsv'],
      ['|', 'data/orders.csv.gz'],
    ] as const) {
      await using project = await sampleProject();
      const text = `order_id,placed_at,note\no-1,2026-03-01T08:00:00Z,"a${delimiter}b"\n`.replaceAll(
        ',',
        delimiter,
      );
      const content = path.endsWith('.gz') ? gzipSync(text) : text;
      const report = await orders(project, { path, content });
      assert.equal(report.assets[0]?.records?.accepted, 1);
      const { orders: rows = [] } = await isProven(project);
      assert.match(rows[0] ?? '', new RegExp(JSON.stringify(`a${delimiter}b`).replace(/[|\\]/g, '\\$&')));
      await using tidemark = await openTidemark({ project: project.root, readOnly: true });
      const [unit] = await tidemark.show(report.assets[0]?.unitKey ?? '');
      const how = unit?.facts.find(({ label }) => label === 'records read as')?.value;
      assert.match(
        String(how),
        /^rows of text, delimiter (;|tab|\|)( \(found\))?, quote ", 3 columns \(found\)/,
      );
    }
  });

  it('is refused where its first row names nothing of the contract, and comes in once its dialect is declared', async () => {
    await using project = await sampleProject();
    const content = "o-1^2026-03-01T08:00:00Z^'a''b'\n";
    const [refused] = (await orders(project, { path: 'data/orders.csv', content })).assets;
    assert.equal(refused?.outcome, 'refused');
    assert.match(
      refused?.findings[0]?.message ?? '',
      /^TM4604 data\/orders\.csv: expected a first row that names columns of urn:shop:order:v1 \("order_id", .*received "o-1\^2026/,
    );
    await declare(
      project,
      `{ delimiter: "^", quote: "'", header: false, columns: [order_id, placed_at, note] }`,
    );
    const [mended] = (await runOnly(project)).assets;
    assert.equal(mended?.outcome, 'committed');
    const { orders: rows = [] } = await isProven(project);
    assert.match(rows.join(), /"note","a'b"/);
  });

  it('is judged anew by plan where its declared dialect changes; what came in before is verified as it was read', async () => {
    await using project = await sampleProject();
    const content = 'order_id,placed_at,note\no-1,2026-03-01T08:00:00Z,NULL\no-2,2026-03-01T08:00:00Z,x\n';
    await orders(project, { path: 'data/orders.csv', content });
    await declare(project, '{ "null": "NULL" }');
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
    const [again] = (await runOnly(project)).assets;
    assert.equal(again?.outcome, 'already_committed');
    assert.match(again?.note ?? '', /under another declared format .*tidemark replay [0-9a-f-]{36} does/);
    const { plan, planId } = await tidemark.planRecovery({
      verb: 'replay',
      manifestId: 'manifest-m-20260401-001',
      batchId: 'batch-m',
      reason: 'a test',
    });
    assert.deepEqual(
      plan.sources.map(({ action }) => action),
      ['replace'],
    );
    await tidemark.executePlan({ verb: 'replay', planId });
    const { orders: rows = [] } = await isProven(project);
    assert.equal(rows.length, 2);
    assert.match(rows.join(), /"note",null/);
  });

  it('may be called what it is not: lines of JSON under its name are lines of JSON, unless it is declared', async () => {
    await using project = await sampleProject();
    const content = '{"order_id":"o-1","placed_at":"2026-03-01T08:00:00Z"}\n';
    const report = await orders(project, { path: 'data/orders.csv', content });
    assert.equal(report.assets[0]?.records?.accepted, 1);
    await using other = await sampleProject();
    const [asset] = (await orders(other, { path: 'data/orders.csv', content, format: '{ format: csv }' }))
      .assets;
    assert.equal(asset?.findings[0]?.rule, 'csv_header');
  });

  it('has settings that say what is wrong with them, and where', async () => {
    await using project = await sampleProject();
    for (const [format, message] of [
      [
        '{ delimiter: ";;" }',
        /tidemark\.yaml:\d+:\d+ .*formats\.shop\.delimiter: expected one ASCII character/,
      ],
      ['{ delimitr: ";" }', /unknown field delimitr; did you mean delimiter\?/],
      ['{ format: xls }', /formats\.shop\.format: expected one of jsonl, json, csv, tsv/],
      ['{ header: false }', /without a header the columns have to be named/],
      ['{ delimiter: "\\"" }', /have to differ/],
    ] as const) {
      await declare(project, format);
      const { exit, stderr } = await typed(project, 'tidemark check');
      assert.notEqual(exit, 0);
      assert.match(stderr, message);
    }
    await orders(project, { path: 'data/orders.csv', content: 'order_id\n', format: '{}' });
    const settings = 'manifest_settings: { manifest-m-20260401-001: { formats: { shap: {} } } }\n';
    await configure(project, settings);
    const { exit, stdout, stderr } = await typed(project, 'tidemark check');
    assert.equal(exit, 1);
    assert.match(
      stdout + stderr,
      /declares a format for shap, which is no source of this manifest[\s\S]*shop/,
    );
    await configure(project, '');
    assert.match(await shell(project, 'tidemark check'), /shop/);
  });
});

describe('a folder of delimited files', () => {
  it('brings every file of its declared format, compressed or not, and passes over what is of another', async () => {
    await using project = await sampleProject();
    await project.write('contracts/data/order.json', JSON.stringify(CONTRACT));
    await declare(project, '{ format: csv }');
    const rows = (id: number) => `order_id,placed_at\no-${id},2026-03-01T08:00:00Z\n`;
    await project.write('data/shop/a.csv', rows(1));
    await project.write('data/shop/b.csv.gz', gzipSync(rows(2)));
    await project.write('data/shop/c.jsonl', '{}\n');
    await project.write('data/seed_manifests/m.json', JSON.stringify(manifest({ source: 'data/shop' })));
    const [asset] = (await runOnly(project)).assets;
    assert.deepEqual(
      asset?.splits?.map(({ split }) => split),
      ['a.csv', 'b.csv.gz'],
    );
    assert.match(asset?.note ?? '', /1 entry that are no \*\.csv files passed over/);
    assert.equal((await isProven(project)).orders?.length, 2);
  });
});

describe('a source whose manifest says how its records are written', () => {
  it('is read so, whatever its name says', async () => {
    await using project = await sampleProject();
    await project.write('contracts/data/order.json', JSON.stringify(CONTRACT));
    await project.write('data/export', 'o1|2026-04-01T00:00:00Z|2\no2|2026-04-01T00:00:00Z|3\n');
    const format = { delimiter: '|', header: false, columns: ['order_id', 'placed_at', 'items'] };
    const asset = { source: 'data/export', asset_type: 'csv', format };
    await project.write('data/seed_manifests/m.json', JSON.stringify(manifest(asset)));
    const report = await runOnly(project);
    assert.deepEqual([report.recordTally.read, report.recordTally.accepted], [2, 2]);
    await isProven(project);
  });

  for (const [what, format, place] of [
    ['two marks that are one', { delimiter: '"' }, '/assets/0/format'],
    ['no names for its columns', { header: false }, '/assets/0/format'],
    ['a mark of two characters', { delimiter: '||' }, '/assets/0/format/delimiter'],
    ['a misspelt field', { delimeter: ';' }, '/assets/0/format/delimeter'],
  ] as const)
    it(`is refused before it is opened where it declares ${what}`, async () => {
      await using project = await sampleProject();
      await project.write('contracts/data/order.json', JSON.stringify(CONTRACT));
      const asset = { source: 'data/export', asset_type: 'csv', format };
      await project.write('data/seed_manifests/m.json', JSON.stringify(manifest(asset)));
      await using tidemark = await openTidemark({ project: project.root });
      const { refused } = await tidemark.check();
      assert.deepEqual(
        refused[0]?.problems.map(({ pointer }) => pointer),
        [place],
      );
    });
});
