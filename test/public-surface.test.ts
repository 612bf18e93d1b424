import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../tidemark/src/${file}`, import.meta.url)), 'utf8');

/** Wiring: what is behind the methods, not in their signatures. */
const INSIDE = ['Engine'];

it('every type that a method of Tidemark takes or gives can be imported by its user', () => {
  const imports = source('tidemark.ts').matchAll(/^import (?:type )?\{([^}]+)\} from/gms);
  const types = [...imports].flatMap(([statement, names = '']) =>
    names.split(',').flatMap((entry) => {
      const name = entry.trim();
      const isType = statement.startsWith('import type') || name.startsWith('type ');
      return isType && name !== '' ? [name.replace(/^type /, '')] : [];
    }),
  );
  assert.ok(types.length > 15, types.join());
  const exported = source('index.ts');
  const missing = types.filter(
    (name) => !INSIDE.includes(name) && !new RegExp(`\\b${name}\\b`).test(exported),
  );
  assert.deepEqual(missing, []);
});
