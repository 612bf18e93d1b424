import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readEntries, renderPage } from '../../scripts/errors-page.ts';
import { ERROR_CODES } from './codes.ts';

const entries = readEntries(readFileSync(new URL('codes.ts', import.meta.url), 'utf8'));

describe('error codes', () => {
  it('each have documentation that says what to do, and one meaning', () => {
    assert.deepEqual(
      Object.fromEntries(entries.map(({ name, code }) => [name, code])),
      { ...ERROR_CODES },
      'every code has a doc comment',
    );
    assert.equal(new Set(Object.values(ERROR_CODES)).size, Object.keys(ERROR_CODES).length);
    for (const { name, text } of entries) assert.ok(text.length > 60, `${name} says what to do`);
  });

  it('stand in docs/ERRORS.md as they are in the code', () => {
    assert.equal(
      readFileSync(new URL('../../../docs/ERRORS.md', import.meta.url), 'utf8'),
      renderPage(entries),
    );
  });
});
