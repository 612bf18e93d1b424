import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { displayWidth, ONE_COLUMN_EACH } from './display-width.ts';

describe('the columns of a text', () => {
  it('are one for each character that is measured without the tables of emoji', () => {
    const found = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => ONE_COLUMN_EACH.test(character),
    );
    assert.ok(found.length > 600 && found.includes('✓') && found.includes('ß') && found.includes('…'));
    for (const character of found) assert.equal(stringWidth(character), 1, character);
    // They join with nothing: all of them in a row, and in the other direction.
    assert.equal(stringWidth(found.join('')), found.length);
    assert.equal(stringWidth(found.toReversed().join('')), found.length);
  });

  it('are what the tables say, whatever the text, painted or not', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '→', '✗', '日', '👩‍💻', '\u0301', '\u00ad', '\u001b[31m'),
    });
    fc.assert(fc.property(text, (any) => assert.equal(displayWidth(any), stringWidth(any))));
  });
});
