import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileUri, pathOfFileUri } from './file-uri.ts';

test('a path with spaces, percent signs or letters beyond ASCII stands in its URI as it is', () => {
  for (const path of ['/data/wäre house/100%/a%20b', '/x']) {
    assert.equal(fileUri(path), `file://${path}`);
    assert.equal(pathOfFileUri(fileUri(path)!), path);
  }
});

test('a path that readers would cut has no URI', () => {
  assert.equal(fileUri('/data/a#b'), null);
  assert.equal(fileUri('/data/a?b'), null);
  assert.equal(fileUri('relative'), null);
});

test('the forms of other engines lead to the same path', () => {
  assert.equal(pathOfFileUri('file:/data/x'), '/data/x');
  assert.equal(pathOfFileUri('/data/x'), '/data/x');
  assert.equal(pathOfFileUri('s3://bucket/x'), null);
  assert.equal(pathOfFileUri('file://host/x'), null);
});
