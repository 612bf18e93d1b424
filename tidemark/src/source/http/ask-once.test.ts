import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serve } from '../../testing/http-server.ts';
import { retryAfter } from './answer-failure.ts';
import { askOnce, type ResolveName } from './ask-once.ts';
import { HttpFailure } from './http-failure.ts';

const ASKING = { idleMs: 1000, signal: new AbortController().signal };

describe('a name that is asked', () => {
  it('is resolved once, and every address of it is judged before any is connected to', async () => {
    await using server = await serve((_, response) => response.end());
    for (const addresses of [['127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      let asked = 0;
      const resolveName: ResolveName = (_, __, done) => {
        asked += 1;
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      };
      const url = new URL(`http://files.example:${server.port}/x`);
      await assert.rejects(askOnce(url, {}, { ...ASKING, allowPrivate: [], resolveName }), (error) => {
        assert.ok(error instanceof HttpFailure);
        return /files\.example:\d+\/x leads to .*127\.0\.0\.1/.test(error.message) && !error.passing;
      });
      assert.equal(asked, 1);
    }
    assert.deepEqual(server.requests, []);
  });

  it('is connected to where it was judged to be, whatever it would resolve to the next time', async () => {
    await using server = await serve((_, response) => response.end('here'));
    const answers = ['127.0.0.1', '127.0.0.2'];
    const resolveName: ResolveName = (_, __, done) =>
      done(null, [{ address: answers.shift() ?? '', family: 4 }]);
    const url = new URL(`http://files.example:${server.port}/x`);
    const response = await askOnce(url, {}, { ...ASKING, allowPrivate: ['127.0.0.1'], resolveName });
    assert.equal(response.socket.remoteAddress, '127.0.0.1');
    assert.equal(server.requests[0]?.headers.host, `files.example:${server.port}`);
    response.destroy();
    await assert.rejects(
      askOnce(url, {}, { ...ASKING, allowPrivate: ['127.0.0.1'], resolveName }),
      /127\.0\.0\.2/,
    );
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-04-01T12:00:00Z');
  for (const [value, ms] of [
    ['120', 120_000],
    ['Wed, 01 Apr 2026 12:00:30 GMT', 30_000],
    ['Wed, 01 Apr 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-1', null],
    [undefined, null],
  ] as const)
    it(`${value} is ${ms === null ? 'nothing' : `${ms} ms`}`, () => assert.equal(retryAfter(value, now), ms));
});
