import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../tidemark/src', import.meta.url));

/**
 * Imports go downward: a room may use the rooms of lower ranks, never one of its own rank or above. Rooms of one rank
 * (two stages, two adapters) do not know each other.
 */
const RANKS: Readonly<Record<string, number>> = {
  errors: 0,
  model: 0,
  s3: 1,
  progress: 1,
  config: 1,
  manifest: 1,
  contract: 1,
  gate: 2,
  source: 2,
  landing: 3,
  refine: 4,
  catalog: 4,
  bronze: 5,
  commit: 6,
  evidence: 7,
  incident: 8,
  maintain: 8,
  run: 9,
  recovery: 10,
  verify: 10,
  doctor: 10,
  safekeeping: 11,
  // The files beside the rooms: the wiring and the public surface.
  '.': 12,
  cli: 13,
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file) && !file.startsWith('testing/'),
);

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const found = text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, to = '']) => ({ from: file, to: normalize(join(dirname(file), to)) }));
});

const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '.') : '.');

describe('the house', () => {
  it('has a rank for every room', () => {
    assert.deepEqual(
      [...new Set(files.map(roomOf))].filter((room) => RANKS[room] === undefined),
      [],
    );
  });

  it('is imported downward only', () => {
    const upward = imports.filter(({ from, to }) => {
      const [user, used] = [roomOf(from), roomOf(to)];
      return user !== used && (RANKS[used] ?? 99) >= (RANKS[user] ?? -1);
    });
    assert.deepEqual(
      upward.map(({ from, to }) => `${from} -> ${to}`),
      [],
    );
  });

  it('has no cycle of files, types aside or not', () => {
    const targets = Map.groupBy(imports, ({ from }) => from);
    const done = new Set<string>();
    const path: string[] = [];
    const cycles: string[] = [];
    const visit = (file: string) => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      path.push(file);
      for (const { to } of targets.get(file) ?? []) visit(to);
      path.pop();
      done.add(file);
    };
    for (const file of files) visit(file);
    assert.deepEqual(cycles, []);
  });

  it('does not reach into the tests, and nothing but tests reaches into testing/', () => {
    assert.deepEqual(
      imports.filter(({ to }) => to.startsWith('testing/') || to.startsWith('../')),
      [],
    );
  });
});
