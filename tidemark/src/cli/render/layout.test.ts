import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { alignColumns } from './columns.ts';
import { humanBytes, humanDuration } from './quantities.ts';
import { shortenMiddle, wrap } from './wrap.ts';

const texts = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replaceAll(/\s/g, '_'));

describe('laying out', () => {
  it('breaks between words and loses none; only a word that is too long stands over', () => {
    fc.assert(
      fc.property(fc.array(texts), fc.integer({ min: 20, max: 100 }), (words, width) => {
        const lines = wrap(words.join(' '), { width, first: '> ', hanging: '    ' });
        assert.equal(lines.map((line, at) => line.slice(at === 0 ? 2 : 4)).join(' '), words.join(' '));
        for (const line of lines) {
          const body = line.replace(/^(> | {4})/, '');
          assert.ok(stringWidth(line) <= width || !body.includes(' '), line);
        }
      }),
    );
  });

  it('shortens in the middle, to no more than the columns given', () => {
    assert.equal(shortenMiddle('abcdefghij', 5), 'ab…ij');
    assert.equal(shortenMiddle('abcde', 5), 'abcde');
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, columns) => {
        assert.ok(stringWidth(shortenMiddle(text, columns)) <= columns);
      }),
    );
  });

  it('aligns by what a terminal shows, not by characters', () => {
    const rows = ['日本語', 'abc', 'é👍'].map((text) => [{ text }, { text: '|' }]);
    assert.deepEqual(alignColumns(rows, { columns: [{}, {}], width: 80 }), [
      '日本語  |',
      'abc     |',
      'é👍     |',
    ]);
  });

  it('leaves out columns that are empty in every row, and shortens only where it is allowed', () => {
    const rows = [
      [{ text: 'a' }, { text: '' }, { text: 'x'.repeat(30) }, { text: '12' }],
      [{ text: 'bb' }, { text: '' }, { text: 'y' }, { text: '3' }],
    ];
    const columns = [{}, {}, { shrinksTo: 5 }, { align: 'right' as const }];
    assert.deepEqual(alignColumns(rows, { columns, width: 17, indent: '  ' }), [
      '  a   xxx…xxx  12',
      '  bb  y         3',
    ]);
  });

  it('names sizes with few digits, and durations as people do', () => {
    assert.deepEqual([0, 812, 4246, 102_000, 1_048_576, 999.6 * 1024].map(humanBytes), [
      '0 B',
      '812 B',
      '4.1 KiB',
      '100 KiB',
      '1.0 MiB',
      '1.0 MiB',
    ]);
    assert.deepEqual([340, 8240, 59_400, 125_000, 4_320_000].map(humanDuration), [
      '340 ms',
      '8.2 s',
      '59 s',
      '2 min 05 s',
      '1 h 12 min',
    ]);
  });
});
