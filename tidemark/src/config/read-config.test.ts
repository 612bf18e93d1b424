import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { parseConfig } from './read-config.ts';

const parse = (text: string) => parseConfig({ root: '/project', path: '/project/tidemark.yaml', text });

describe('tidemark.yaml', () => {
  it('may be absent, empty or a comment: the defaults hold', () => {
    for (const text of ['', '# nothing\n', 'home: .tidemark\n']) {
      const config = parse(text);
      assert.equal(config.homeDir, '/project/.tidemark');
      assert.equal(config.contractsDir, '/project/contracts/data');
      assert.deepEqual(config.limits, DEFAULT_LIMITS);
    }
  });

  it('sets folders, limits and partitioning', () => {
    const config = parse(
      'home: /var/tidemark\ncontracts: c\nlimits:\n  chunkBytes: 64\ntables:\n  ticket:\n    partition_by: ["day(created_at)"]\n',
    );
    assert.equal(config.homeDir, '/var/tidemark');
    assert.equal(config.contractsDir, '/project/c');
    assert.equal(config.limits.chunkBytes, 64);
    assert.deepEqual(config.partitionBy, { ticket: ['day(created_at)'] });
  });

  for (const [what, text, message] of [
    ['an unknown field', 'hom: x\n', /tidemark\.yaml:1:1 unknown field hom/],
    ['a field given twice', 'home: a\nhome: b\n', /tidemark\.yaml:2:1 /],
    ['a folder that is no text', 'home: [a]\n', /tidemark\.yaml:1:7 home: expected a folder/],
    ['an unknown limit', 'limits:\n  lines: 3\n', /tidemark\.yaml:2:3 limits: unknown limit lines/],
    [
      'a limit that is no whole number',
      'limits:\n  chunkBytes: 1.5\n',
      /:2:15 limits\.chunkBytes: expected a whole number/,
    ],
    [
      'a limit above what holds',
      'limits:\n  recordDepthMax: 5000\n',
      /recordDepthMax: expected at most 1000/,
    ],
    ['partitioning in another form', 'tables:\n  ticket: day\n', /tables\.ticket: expected partition_by/],
    ['text that is no YAML', 'home: "\n', /tidemark\.yaml:\d+:\d+ /],
    ['a list', '- home\n', /expected a mapping of settings/],
  ] as const) {
    it(`is refused with line and field for ${what}`, () => {
      assert.throws(() => parse(text), { code: 'TM8003', message });
    });
  }
});
