import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileWithholding } from './withhold-pii.ts';

const withhold = compileWithholding({ pii: { email: 'email', 'a/b': 'name', 'n~': 'number' } });
const receivedAt = (pointer: string, received: string) =>
  withhold([{ rule: 'type', pointer, expected: 'x', received }])[0]?.received;

describe('what a rejection tells of personal data', () => {
  test('is that there was a text, a list or an object, and nothing of any other value', () => {
    assert.equal(receivedAt('/email', '"ada@example.org"'), '"…"');
    assert.equal(receivedAt('/email', '["ada@example.org"]'), '[…]');
    assert.equal(receivedAt('/email', '{"work":"ada@example.org"}'), '{…}');
    for (const received of ['36', 'true', 'null']) assert.equal(receivedAt('/email', received), '…');
  });

  test('is nothing of what stands inside of it, or of a record around it', () => {
    assert.equal(receivedAt('/email/0/work', '"ada@example.org"'), '"…"');
    assert.equal(receivedAt('', '{"email":"ada@example.org"}'), '{…}');
  });

  test('is the value of every other property, and that one is missing', () => {
    assert.equal(receivedAt('/emails', '"x"'), '"x"');
    assert.equal(receivedAt('/status/email', '1'), '1');
    assert.equal(receivedAt('/email', 'missing'), 'missing');
  });

  test('goes by names as a pointer has them', () => {
    assert.equal(receivedAt('/a~1b', '"Ada"'), '"…"');
    assert.equal(receivedAt('/n~0/x', '5'), '…');
    assert.equal(receivedAt('/toString', '5'), '5');
  });
});
