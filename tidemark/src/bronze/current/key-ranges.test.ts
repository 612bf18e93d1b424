import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DataFile } from '../iceberg/data-file.ts';
import { encodeSingleValue } from '../iceberg/single-value.ts';
import { groupTouched, orderByKey, reachOf } from './key-ranges.ts';

const KEY = { id: 12, type: 'int' };

function fileOf([from, to]: readonly [number, number]): DataFile {
  const bound = (value: number) => new Map([[KEY.id, encodeSingleValue(KEY.type, value)]]);
  // The ranges look at nothing else of a file.
  return { uri: `${from}-${to}`, lowerBounds: bound(from), upperBounds: bound(to) } as unknown as DataFile;
}

type Ranges = readonly (readonly [number, number])[];
const ordered = (...ranges: Ranges) => orderByKey(ranges.map(fileOf), KEY)!;

const urisOf = (ranges: Ranges, ...touched: number[]) =>
  groupTouched(ordered(...ranges), new Set(touched)).map(({ files, from, below }) => [
    files.map(({ uri }) => uri),
    from,
    below,
  ]);

describe('the files of a table by the keys that they hold', () => {
  it('are left where no key of a batch is theirs, and written anew apart from each other', () => {
    const ranges = [
      [0, 9],
      [10, 19],
      [20, 29],
    ] as const;
    assert.deepEqual(urisOf([...ranges], 0, 2), [
      [['0-9'], null, 20],
      [['20-29'], 20, null],
    ]);
    assert.deepEqual(urisOf([...ranges], 1, 2), [[['10-19', '20-29'], null, null]]);
  });

  it('go together where their keys overlap, also around one that is left', () => {
    const ranges = [
      [0, 25],
      [10, 19],
      [20, 29],
    ] as const;
    assert.deepEqual(urisOf([...ranges], 0, 2), [[['0-25', '20-29'], null, null]]);
  });

  it('cannot be told apart where one has no bounds', () => {
    const without = { uri: 'x', lowerBounds: new Map(), upperBounds: new Map() } as unknown as DataFile;
    assert.equal(orderByKey([fileOf([0, 9]), without], KEY), null);
    assert.equal(orderByKey([fileOf([0, 9])], { ...KEY, type: 'double' }), null);
  });

  it('give every key to one group of touched files, the one that holds it if any does', () => {
    const range = fc
      .tuple(fc.nat(100), fc.nat(20))
      .map(([from, width]): [number, number] => [from, from + width]);
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: -5, max: 130 }), { minLength: 1, maxLength: 10 }),
        (ranges, keys) => {
          const files = ordered(...ranges);
          const touched = new Set(
            files.flatMap((_, index) => {
              const { from, to } = reachOf(files, index);
              const reaches = (key: number) =>
                (from === null || key >= Number(from)) && (to === null || key <= Number(to));
              return keys.some(reaches) ? [index] : [];
            }),
          );
          const groups = groupTouched(files, touched);
          for (const key of keys) {
            const owners = groups.filter(
              ({ from, below }) =>
                (from === null || key >= Number(from)) && (below === null || key < Number(below)),
            );
            assert.equal(owners.length, 1);
            for (const { file, from, to } of files)
              if (key >= Number(from) && key <= Number(to)) assert.ok(owners[0]?.files.includes(file));
          }
        },
      ),
    );
  });
});
