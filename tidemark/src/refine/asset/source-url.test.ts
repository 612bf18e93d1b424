import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sourceUrlOf } from './source-url.ts';

describe('the source URL of an asset', () => {
  it('keeps a declared URL', () => {
    for (const url of [
      'https://help.example/a?b=c#d',
      's3://bucket/manuals/a.pdf',
      'HTTP://EXAMPLE.ORG/@a',
    ]) {
      assert.equal(sourceUrlOf(url), url);
    }
  });

  it('leaves a user name and password out of it', () => {
    assert.equal(sourceUrlOf('https://reader:secret@help.example/a@b'), 'https://help.example/a@b');
    assert.equal(sourceUrlOf('https://a@b:c@help.example'), 'https://help.example');
  });

  it('makes a path a URI that names no machine', () => {
    assert.equal(sourceUrlOf('data/seeds/a b.pdf'), 'omni://source/data/seeds/a%20b.pdf');
    assert.equal(sourceUrlOf('./data//ä?#%.pdf'), 'omni://source/data//%C3%A4%3F%23%25.pdf');
    assert.equal(sourceUrlOf('C:\\manuals\\a.pdf'), 'omni://source/C%3A/manuals/a.pdf');
    assert.equal(sourceUrlOf('/srv/a.pdf'), 'omni://source//srv/a.pdf');
  });

  it('is a URI for any path', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (path) => URL.canParse(sourceUrlOf(`./${path}`))));
  });
});
