import assert from 'node:assert/strict';
import { it } from 'node:test';
import { secretIn, shownUrl } from './secrets-in-url.ts';

for (const [text, secret] of [
  ['https://me:pw@example.com/x', 'a password'],
  ['https://me@example.com/x', 'a user'],
  ['HTTPS://:pw@example.com', 'a password'],
  ['https://a@b:c@example.com/', 'a password'],
  ['postgres://me:pw@db/x', 'a password'],
  ['postgres://me@db/x', null],
  ['https://example.com/x?token=a', 'the parameter token'],
  ['https://example.com/x?a=1&X-Amz-Signature=a', 'the parameter X-Amz-Signature'],
  ['https://example.com/x?api_key=a#b', 'the parameter api_key'],
  ['https://example.com/x?to%6ben=a', 'the parameter token'],
  ['https://example.com/x?page_token=a&key=b', null],
  ['https://example.com/a:b@c', null],
  ['data/a:b@c.jsonl', null],
  ['sqlite:data/x.db?table=token', null],
] as const)
  it(`${text} holds ${secret ?? 'no credential'}`, () => assert.equal(secretIn(text), secret));

it('a URL is shown without user, query and fragment', () => {
  assert.equal(
    shownUrl(new URL('https://me:pw@example.com:8443/a/b?sig=1#c')),
    'https://example.com:8443/a/b',
  );
});
