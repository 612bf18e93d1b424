import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempFolder } from '../../testing/temp-folder.ts';
import { connectionOptions } from './connection-options.ts';

describe('the url of a MySQL connection', () => {
  it('says where and as whom, its parts decoded', () => {
    assert.partialDeepStrictEqual(connectionOptions('mysql://re%40der:p%2Fw@db.internal:3307/cr%6D'), {
      host: 'db.internal',
      port: 3307,
      user: 're@der',
      password: 'p/w',
      database: 'crm',
    });
    assert.partialDeepStrictEqual(connectionOptions('mysql://[::1]'), {
      host: '::1',
      port: 3306,
      database: '',
    });
  });

  it('says what is asked of TLS, in the words of MySQL’s own clients', async () => {
    await using folder = await tempFolder();
    const ca = join(folder.path, 'ca.pem');
    await folder.write('ca.pem', 'a certificate');
    assert.equal(connectionOptions('mysql://db/x').ssl, undefined);
    assert.partialDeepStrictEqual(connectionOptions('mysql://db/x?ssl-mode=required').ssl, {
      rejectUnauthorized: false,
    });
    const verified = connectionOptions(`mysql://db/x?ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`).ssl;
    assert.partialDeepStrictEqual(verified, {
      rejectUnauthorized: true,
      verifyIdentity: true,
      ca: Buffer.from('a certificate'),
    });
    assert.partialDeepStrictEqual(connectionOptions('mysql://db/x?ssl-mode=VERIFY_CA').ssl, {
      rejectUnauthorized: true,
      verifyIdentity: false,
    });
  });

  it('is refused, and told without its password, where it says what nobody knows', () => {
    for (const [url, told] of [
      [
        'mysql://me:pw@db/x?sslmode=require',
        'its url has no parameter sslmode; known are ssl-mode, ssl-ca, ssl-cert, ssl-key',
      ],
      [
        'mysql://me:pw@db/x?ssl-mode=PREFERRED',
        'its ssl-mode has to be one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY',
      ],
    ] as const)
      assert.throws(() => connectionOptions(url), {
        code: 'TM4734',
        message: `mysql://me@db/x turns this connection away: ${told}`,
      });
    assert.throws(() => connectionOptions('mysql://10.0.0.1/x?ssl-mode=VERIFY_IDENTITY'), /name of the host/);
    assert.throws(
      () => connectionOptions('mysql://db/x?ssl-mode=VERIFY_CA&ssl-ca=/nowhere/ca'),
      /ssl-ca cannot be read/,
    );
  });
});
