import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TidemarkError } from '../errors/tidemark-error.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { withOverrides } from './environment.ts';
import { parseConfig } from './read-config.ts';

function storeOf(text: string, root = '/project') {
  return parseConfig({ root, path: `${root}/tidemark.yaml`, text }).store;
}

function refusal(text: string): string {
  try {
    storeOf(text);
  } catch (error) {
    return (error as TidemarkError).message;
  }
  return 'not refused';
}

describe('the store of a project', () => {
  it('is in the home unless something is said', () => {
    assert.equal(storeOf(''), null);
    assert.equal(
      withOverrides(parseConfig({ root: '/p', path: '/p/tidemark.yaml', text: '' }), {}).store,
      null,
    );
  });

  it('is named by a URI alone, and found as the SDK finds it', () => {
    const found = {
      endpoint: null,
      region: null,
      pathStyle: false,
      checksums: 'when_supported',
      credentials: null,
    };
    assert.deepEqual(storeOf('store: s3://lake/team/bronze/'), {
      bucket: 'lake',
      prefix: 'team/bronze',
      ...found,
    });
    assert.deepEqual(storeOf('store: s3://lake'), { bucket: 'lake', prefix: '', ...found });
  });

  it('takes its keys by reference', async () => {
    await using folder = await tempFolder();
    await folder.write('key.txt', 'secret\n');
    const text =
      'store: { url: "s3://lake/x", endpoint: "http://127.0.0.1:9000", access_key_id: me, secret_access_key: "$' +
      '{file:key.txt}" }';
    assert.deepEqual(storeOf(text, folder.path), {
      bucket: 'lake',
      prefix: 'x',
      endpoint: 'http://127.0.0.1:9000',
      region: 'us-east-1',
      pathStyle: true,
      checksums: 'when_supported',
      credentials: { accessKeyId: 'me', secretAccessKey: 'secret' },
    });
  });

  it('is refused with line and field, and a secret is never shown', () => {
    assert.match(refusal('store: gs://lake'), /tidemark\.yaml:1:8 store: expected s3:\/\/bucket\/prefix/);
    assert.match(refusal('store: s3://lake/../other'), /expected s3:\/\//);
    assert.match(refusal('store: s3://lake/a b'), /expected s3:\/\//);
    assert.match(refusal('store:\n  url: s3://lake\n  bucket: x'), /:3:3 store: unknown field bucket/);
    assert.match(refusal('store:\n  url: s3://lake\n  endpoint: x'), /:3:13 store\.endpoint: expected a URL/);
    assert.match(
      refusal('store:\n  url: s3://lake\n  path_style: x'),
      /store\.path_style: expected true or false/,
    );
    assert.match(
      refusal('store:\n  url: s3://lake\n  checksums: x'),
      /store\.checksums: expected when_supported/,
    );
    const half = refusal('store:\n  url: s3://lake\n  secret_access_key: hush');
    assert.match(half, /store\.secret_access_key: expected a reference/);
    assert.doesNotMatch(half, /hush/);
    assert.match(
      refusal('store:\n  url: s3://lake\n  access_key_id: me'),
      /expected access_key_id and secret_access_key/,
    );
    const unset = `store:\n  url: s3://lake\n  access_key_id: $${'{env:TIDEMARK_NOT_SET}'}`;
    assert.match(refusal(unset), /store\.access_key_id: \$\{env:TIDEMARK_NOT_SET\} is not set/);
  });

  it('is where the environment says, for a machine that is set up by it', () => {
    const config = parseConfig({ root: '/p', path: '/p/tidemark.yaml', text: 'store: s3://lake/x' });
    const { store } = withOverrides(config, {
      TIDEMARK_STORE: 's3://pond',
      TIDEMARK_STORE_REGION: 'eu-west-1',
    });
    assert.deepEqual([store?.bucket, store?.prefix, store?.region], ['pond', '', 'eu-west-1']);
    const at = withOverrides(config, { TIDEMARK_STORE_ENDPOINT: 'http://127.0.0.1:9000' }).store;
    assert.deepEqual([at?.bucket, at?.endpoint, at?.pathStyle], ['lake', 'http://127.0.0.1:9000', true]);
    for (const [name, value] of [
      ['TIDEMARK_STORE', 'lake'],
      ['TIDEMARK_STORE_ENDPOINT', 'lake'],
    ] as const)
      assert.throws(() => withOverrides(config, { [name]: value }), new RegExp(`${name}: expected`));
  });
});
