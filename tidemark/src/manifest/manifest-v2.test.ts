import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { settingsOf } from '../model/manifest-settings.ts';
import { plainValue } from './json-node.ts';
import { parseJsonTree } from './parse-json-tree.ts';
import { parseYamlTree } from './parse-yaml-tree.ts';
import { readManifest } from './read-manifest.ts';
import { inSecondForm } from './upgrade-manifest.ts';

const ORDERS = `# what the shop exports every night
schema_version: source_manifest_v2
manifest_id: orders-daily
batch_id: 2026-03-01
owner: shop
created_at: 2026-03-01T00:00:00Z
license_tag: proprietary
contract_ref: urn:shop:order:v1
load_mode: full_snapshot
assets:
  - source_id: shop
    source: exports/orders.jsonl
    asset_type: jsonl
  - source_id: web
    source: { sqlite: web shop.db, table: web & more }
    asset_type: jsonl
    contract_ref: urn:shop:web-order:v1
`;

const read = (text: string, path = 'orders.yaml') =>
  readManifest({ path, bytes: new TextEncoder().encode(text) });

function problemsOf(text: string, path?: string): string[] {
  const reading = read(text, path);
  return reading.kind === 'declared'
    ? []
    : reading.problems.map(({ line, column, rule, pointer }) => `${line}:${column} ${rule} ${pointer}`);
}

describe('a manifest of the second form', () => {
  it('is YAML or JSON, and the same either way: places as locations, defaults filled in', () => {
    const yaml = read(ORDERS);
    const json = read(JSON.stringify(parse(ORDERS)), 'orders.json');
    assert.ok(yaml.kind === 'declared' && json.kind === 'declared', JSON.stringify(yaml));
    assert.deepEqual(yaml.declared.manifest, json.declared.manifest);
    const { modality, source_type, batch_id, assets } = yaml.declared.manifest;
    assert.deepEqual([modality, source_type, batch_id], ['structured', 'other', '2026-03-01']);
    assert.deepEqual(
      assets.map(({ source_url_or_path, contract_ref }) => [source_url_or_path, contract_ref]),
      [
        ['exports/orders.jsonl', undefined],
        ['sqlite:web shop.db?table=web%20%26%20more', 'urn:shop:web-order:v1'],
      ],
    );
  });

  it('names servers and programs in fields too', () => {
    for (const [source, location] of [
      ['{ url: "https://example.com/t" }', 'https://example.com/t'],
      ['{ api: desk }', 'api:desk'],
      ['{ postgres: shop, table: public.a & b }', 'postgres:shop?table=public.a%20%26%20b'],
      ['{ postgres: shop, query: orders }', 'postgres:shop?query=orders'],
      ['{ mysql: shop, table: web.orders }', 'mysql:shop?table=web.orders'],
      ['{ singer: shop, stream: a & b }', 'singer:shop?stream=a%20%26%20b'],
    ] as const) {
      const reading = read(ORDERS.replace('{ sqlite: web shop.db, table: web & more }', source));
      assert.ok(reading.kind === 'declared');
      assert.equal(reading.declared.manifest.assets[1]?.source_url_or_path, location);
    }
  });

  it('means files by a pattern where it is written as one, and a path by a path', () => {
    for (const [source, location] of [
      ['exports/2026-*/orders-?.jsonl', 'glob:exports/2026-*/orders-?.jsonl'],
      ['{ glob: "exports/*.jsonl" }', 'glob:exports/*.jsonl'],
      ['{ path: "exports/*.jsonl" }', 'exports/*.jsonl'],
      ['https://example.com/t?of=*', 'https://example.com/t?of=*'],
      ['sqlite:shop.db?table=orders', 'sqlite:shop.db?table=orders'],
      ['exports/[1].jsonl', 'exports/[1].jsonl'],
    ] as const) {
      const reading = read(ORDERS.replace('{ sqlite: web shop.db, table: web & more }', source));
      assert.ok(reading.kind === 'declared', source);
      assert.equal(reading.declared.manifest.assets[1]?.source_url_or_path, location);
      const again = read(inSecondForm(reading.declared.manifest));
      assert.ok(again.kind === 'declared');
      assert.deepEqual(again.declared.manifest, reading.declared.manifest);
    }
  });

  it('names line and column of every mistake, in YAML too', () => {
    const text = ORDERS.replace('batch_id: 2026-03-01', 'batch_id: 20260301')
      .replace('license_tag: proprietary', 'licence_tag: proprietary')
      .replace('{ sqlite: web shop.db, table: web & more }', '{ sqlite: web.db, url: x }');
    assert.deepEqual(problemsOf(text), [
      '4:11 wrong_type /batch_id',
      '7:1 unknown_field /licence_tag',
      '15:13 source_fields /assets/1/source',
    ]);
  });

  it('says what is expected of it over time, or is told what was expected', () => {
    const settings =
      'cadence: 1d\nlateness: PT6H\nlookback: 2h\nnull_cursor: include\npartitions: hourly\nwrite_mode: current_by_key\nreject_threshold: 5%\n';
    const reading = read(ORDERS + settings);
    assert.ok(reading.kind === 'declared');
    const { manifest } = reading.declared;
    assert.partialDeepStrictEqual(settingsOf({ 'orders-daily': { latenessMs: 1 } }, manifest), {
      cadenceMs: 86_400_000,
      latenessMs: 1,
      lookback: { kind: 'duration', ms: 7_200_000 },
      nullCursor: 'include',
      partitionMs: 3_600_000,
      writeMode: 'current_by_key',
      rejectThreshold: { kind: 'percent', percent: 5 },
      formats: {},
    });
    const wrong =
      'cadence: 0d\nlateness: 1 month\nlookback: some\npartitions: dayly\nreject_threshold: 101%\n';
    assert.deepEqual(problemsOf(ORDERS + wrong), [
      '18:10 wrong_form /cadence',
      '19:11 wrong_form /lateness',
      '20:11 wrong_form /lookback',
      '21:13 wrong_form /partitions',
      '22:19 wrong_form /reject_threshold',
    ]);
  });

  it('holds no secret, wherever its URL stands', () => {
    const url = 'https://me:hidden@example.org/a.jsonl';
    const text = ORDERS.replace('exports/orders.jsonl', url).replace(
      '{ sqlite: web shop.db, table: web & more }',
      `{ url: '${url}' }`,
    );
    assert.deepEqual(problemsOf(text), [
      '12:13 secret_in_url /assets/0/source',
      '15:20 secret_in_url /assets/1/source/url',
    ]);
  });

  it('keeps the pairings of the built-in contracts', () => {
    const text = ORDERS.replace('urn:shop:order:v1', 'omni://contracts/data/ticket/v1').replace(
      'asset_type: jsonl',
      'asset_type: pdf',
    );
    assert.deepEqual(problemsOf(text), ['13:17 pairing_asset_type /assets/0/asset_type']);
  });

  for (const [what, text, expected] of [
    ['is empty', '# nothing\n', ['1:1 yaml_syntax ']],
    ['is not closed', 'assets: [1, 2\n', ['2:1 yaml_syntax ']],
    ['holds two documents', 'a: 1\n---\nb: 2\n', ['2:1 yaml_syntax ']],
    ['has bytes', ORDERS.replace('owner: shop', 'owner: !!binary aGk='), ['5:17 yaml_syntax /owner']],
    ['has a tag', ORDERS.replace('owner: shop', 'owner: !who shop'), ['5:8 yaml_syntax ']],
    ['has a field twice', `${ORDERS}owner: nobody\n`, ['18:1 duplicate_field /owner']],
  ] as const) {
    it(`that ${what} is refused with its place`, () => assert.deepEqual(problemsOf(text), expected));
  }

  it('with aliases is refused before they are followed: ten lines of them stand for a billion values', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 30; level += 1)
      bomb.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const problems = problemsOf(`${bomb.join('\n')}\n`);
    assert.ok(
      problems.includes('2:10 yaml_alias /a1/0'),
      problems.filter((one) => one.startsWith('2:')).join('; '),
    );
  });

  it('nested without end is one problem, not a stack overflow', () => {
    assert.match(problemsOf(`a: ${'['.repeat(100_000)}`).join(), /json_too_deep|yaml_syntax/);
    assert.match(problemsOf(`${JSON.stringify(nested(200))}`).join(), /json_too_deep/);
  });

  it('says what JSON would: any value that YAML is written for is read as JSON reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const tree = parseYamlTree(stringify({ value }, { aliasDuplicateObjects: false }));
        const plain = parseJsonTree(JSON.stringify({ value }));
        assert.deepEqual(tree.findings, []);
        assert.deepEqual(plainValue(tree.root!), plainValue(plain.root!));
      }),
    );
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return { value };
}

describe('a manifest of the first form, upgraded', () => {
  const dir = fileURLToPath(new URL('../../../data/seed_manifests', import.meta.url));
  for (const name of readdirSync(dir).filter((one) => one.endsWith('.json')))
    it(`means the same: ${name}`, () => {
      const first = readManifest({ path: name, bytes: readFileSync(join(dir, name)) });
      assert.ok(first.kind === 'declared');
      const second = read(inSecondForm(first.declared.manifest));
      assert.ok(second.kind === 'declared', JSON.stringify(second));
      const { manifest } = first.declared;
      assert.deepEqual(second.declared.manifest, { ...manifest, schema_version: 'source_manifest_v2' });
    });
});
