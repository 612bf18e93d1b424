import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withOverrides } from './environment.ts';
import { parseConfig } from './read-config.ts';

const config = parseConfig({ root: '/project', path: '/project/tidemark.yaml', text: 'home: kept\n' });

describe('the environment', () => {
  it('beats the file, with folders relative to the project', () => {
    const env = { TIDEMARK_HOME: 'elsewhere', TIDEMARK_MANIFESTS: '/declared', TIDEMARK_FIXTURES: '' };
    const { homeDir, manifestsDir, contractsDir, fixturesDir } = withOverrides(config, env);
    assert.deepEqual(
      [homeDir, manifestsDir, contractsDir, fixturesDir],
      ['/project/elsewhere', '/declared', '/project/contracts/data', '/project/contracts/fixtures'],
    );
  });

  it('names the database of the catalog; what is none is refused without being shown', () => {
    const url = 'postgres://me:secret@host/db';
    assert.equal(withOverrides(config, { TIDEMARK_CATALOG: url }).catalogUrl, url);
    assert.equal(withOverrides(config, {}).catalogUrl, null);
    assert.throws(
      () => withOverrides(config, { TIDEMARK_CATALOG: 'mysql://me:secret@host/db' }),
      (error: Error) => {
        assert.match(error.message, /TIDEMARK_CATALOG: expected the URL/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
});
