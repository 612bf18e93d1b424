import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAllowed, isPublicAddress } from './public-address.ts';

describe('an address', () => {
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.8.9.10',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    '::7f00:1',
    'localhost',
    '',
  ])
    it(`${address || 'that is none'} is not public`, () => assert.equal(isPublicAddress(address), false));

  for (const address of [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '::ffff:8.8.0.0',
    '64:ff9b::808:808',
  ])
    it(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
});

describe('a private address', () => {
  const at = { host: 'files.internal', port: '8080', address: '10.1.2.3' };
  for (const [allowed, expected] of [
    ['files.internal', true],
    ['files.internal:8080', true],
    ['files.internal:80', false],
    ['internal', false],
    ['10.1.2.3', true],
    ['10.1.0.0/16', true],
    ['10.2.0.0/16', false],
    ['fd00::/8', false],
  ] as const)
    it(`of files.internal:8080 is ${expected ? '' : 'not '}allowed by ${allowed}`, () => {
      assert.equal(isAllowed(at, [allowed]), expected);
    });

  it('is the same whether it is written as IPv4 or mapped into IPv6', () => {
    assert.equal(isAllowed({ ...at, address: '::ffff:10.1.2.3' }, ['10.1.2.3']), true);
    assert.equal(isAllowed({ host: 'x', port: '1', address: 'fd00::5' }, ['fd00::/8']), true);
  });
});
