import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { globMatches, isGlob } from './glob.ts';

describe('a pattern of paths', () => {
  it('means what stands in the place of its stars and question marks, within one part of the path', () => {
    for (const [pattern, path, is] of [
      ['exports/2026-*/tickets-*.jsonl.gz', 'exports/2026-03/tickets-9.jsonl.gz', true],
      ['exports/2026-*/tickets-*.jsonl.gz', 'exports/2026-03/old/tickets-9.jsonl.gz', false],
      ['exports/2026-*/tickets-*.jsonl.gz', 'exports/2026-03/tickets-9.jsonl', false],
      ['*.jsonl', 'a/b.jsonl', false],
      ['*.jsonl', '.jsonl', false],
      ['*', '.hidden', false],
      ['.*', '.hidden', true],
      ['a?c', 'abc', true],
      ['a?c', 'aéc', true],
      ['a?c', 'a✨c', true],
      ['a?c', 'ac', false],
      ['a*b*c', 'aXbYbZc', true],
      ['a*b*c', 'aXbYbZ', false],
      ['**', 'abc', true],
      ['a', 'a', true],
      ['[a]', '[a]', true],
      ['', 'a', false],
    ] as const)
      assert.equal(globMatches(pattern, path), is, `${pattern} ${path}`);
    assert.deepEqual(['a/*.jsonl', 'a?', 'a[1].jsonl'].map(isGlob), [true, true, false]);
  });

  it('means just the texts that a regular expression of the same meaning does', () => {
    const text = (...of: string[]) => fc.string({ unit: fc.constantFrom(...of), maxLength: 12 });
    fc.assert(
      fc.property(text('a', 'b', '*', '?', '.'), text('a', 'b', '.'), (pattern, path) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*').replaceAll('?', '.');
        const hidden = path.startsWith('.') && !pattern.startsWith('.');
        assert.equal(globMatches(pattern, path), !hidden && new RegExp(`^${source}$`).test(path));
      }),
    );
  });

  it('takes no time that grows beyond its length, whatever the two are', () => {
    const started = performance.now();
    assert.equal(globMatches(`${'a*'.repeat(200)}b`, 'a'.repeat(20_000)), false);
    assert.ok(performance.now() - started < 5000);
  });
});
