import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tempFolder } from '../testing/temp-folder.ts';
import { resolveReferences } from './resolve-references.ts';

const env = (name: string) => `\${env:${name}}`;
const file = (path: string) => `\${file:${path}}`;

describe('a reference in the configuration', () => {
  it('is put in from the environment or a file of the project, whose last newline does not count', async () => {
    await using folder = await tempFolder();
    await folder.write('password', 'from a file\n');
    const text = `postgres://${env('NAME')}:${file('password')}@host/\${other}`;
    const options = { root: folder.path, env: { NAME: 'me' } };
    assert.deepEqual(resolveReferences(text, options), {
      kind: 'resolved',
      text: `postgres://me:from a file@host/\${other}`,
    });
  });

  it('is fitted into the text that it is a part of, and stands as it is where it is all of it', () => {
    const options = { root: '/', env: { SECRET: 'a/b@c' }, put: encodeURIComponent };
    const text = (of: string) => Object(resolveReferences(of, options)).text;
    assert.equal(text(`postgres://me:${env('SECRET')}@host/db`), 'postgres://me:a%2Fb%40c@host/db');
    assert.equal(text(env('SECRET')), 'a/b@c');
  });

  it('that leads nowhere is named, and nothing that it stands beside', () => {
    const reasonOf = (text: string) => resolveReferences(text, { root: '/nowhere', env: {} });
    assert.deepEqual(reasonOf(`secret ${env('MISSING')} ${file('x')}`), {
      kind: 'unresolved',
      reason: `${env('MISSING')} is not set`,
    });
    assert.deepEqual(reasonOf(file('x')), {
      kind: 'unresolved',
      reason: `${file('x')} is not readable, or empty`,
    });
  });
});
