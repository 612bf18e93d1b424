import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listedPrefix, type ObjectsLocation, objectPath, parseObjectLocation } from './object-location.ts';
import { standingOf } from './object-part.ts';

function many(declared: string): ObjectsLocation {
  const location = parseObjectLocation(declared);
  assert.ok(typeof location !== 'string' && location.kind !== 'object', String(location));
  return location;
}

const standing = (declared: string, key: string, sizeBytes = 1) => {
  const found = standingOf(many(declared), { key, sizeBytes, format: 'jsonl' });
  return found.kind === 'part' ? found.name : found.kind;
};

describe('a key behind a prefix', () => {
  for (const [key, expected] of [
    ['in/a.jsonl', 'a.jsonl'],
    ['in/day=1/hour=2/a.jsonl.gz', 'day=1/hour=2/a.jsonl.gz'],
    ['in//a.jsonl', '/a.jsonl'],
    ['in/a.csv', 'passed_over'],
    ['in/', 'passed_over'],
    ['in/day=1/', 'passed_over'],
    ['in/_temporary/0/a.jsonl', 'passed_over'],
    ['in/.a.jsonl', 'passed_over'],
    ['in/_delta_log/1.jsonl', 'passed_over'],
    ['in/../a.jsonl', 'unsafe'],
    ['in/./a.jsonl', 'unsafe'],
    ['in/a\u0000.jsonl', 'unsafe'],
    [`in/${'é'.repeat(520)}.jsonl`, 'unsafe'],
    ['inside/a.jsonl', 'not_meant'],
  ] as const)
    it(`${JSON.stringify(key.slice(0, 40))} is ${JSON.stringify(expected)}`, () => {
      assert.equal(standing('s3://lake/in/', key), expected);
    });
});

describe('a pattern of keys', () => {
  it('means keys of its own depth, whatever their ending, and is listed from what all of them begin with', () => {
    const pattern = 'glob:s3://lake/in/2026-*/t-?.jsonl*';
    assert.equal(standing(pattern, 'in/2026-03/t-1.jsonl'), '2026-03/t-1.jsonl');
    assert.equal(standing(pattern, 'in/2026-03/x/t-1.jsonl'), 'not_meant');
    assert.equal(standing(pattern, 'in/2025-03/t-1.jsonl'), 'not_meant');
    assert.equal(standing('glob:s3://lake/in/*', 'in/day_$folder$', 0), 'passed_over');
    assert.equal(listedPrefix(many(pattern)), 'in/2026-');
    assert.equal(listedPrefix(many('glob:s3://lake/*.jsonl')), '');
    assert.equal(objectPath(pattern, '2026-03/t-1.jsonl'), 's3://lake/in/2026-03/t-1.jsonl');
    assert.equal(objectPath('s3://lake', '/a.jsonl'), 's3://lake//a.jsonl');
  });
});
