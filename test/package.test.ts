import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tidemark-package-'));
after(() => rmSync(folder, { recursive: true }));

const run = promisify(execFile);
const bin = join(folder, 'tidemark/bin/tidemark.js');
const home = join(folder, 'home');

/** Runs the published command; `loads` are the modules that it loaded, as paths or names of builtins. */
async function published(...args: readonly string[]): Promise<{ stdout: string; loads: string[] }> {
  const log = join(folder, 'loads.txt');
  writeFileSync(log, '');
  const { stdout } = await run(
    process.execPath,
    ['--import', pathToFileURL(join(folder, 'record-loads.mjs')).href, bin, ...args, '--project', root],
    { env: { ...process.env, NO_COLOR: '1', LOADS: log } },
  );
  return { stdout, loads: readFileSync(log, 'utf8').split('\n') };
}

describe('the package, as it is published', () => {
  before(async () => {
    // What `npm pack` takes, beside the packages that an install would bring.
    mkdirSync(join(folder, 'tidemark'));
    for (const part of ['bin', 'package.json'])
      cpSync(join(root, 'tidemark', part), join(folder, 'tidemark', part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    await run(process.execPath, [
      join(root, 'tidemark/scripts/bundle.ts'),
      join(folder, 'tidemark/dist/bin'),
    ]);
    writeFileSync(
      join(folder, 'record-loads.mjs'),
      `import { appendFileSync } from 'node:fs';
       import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADS, url + '\\n'); return next(url, context); } });`,
    );
  });

  it('is the command line without its source, documents and media looked at in a thread included', async () => {
    const { stdout } = await published('run', '--manifest-dir', 'data/seed_manifests', '--home', home);
    assert.match(stdout, /✓ done: 25 sources committed, 2 sources held back by the gate/);
  });

  it('tells its version and its help from a handful of files', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'tidemark/package.json'), 'utf8'));
    assert.equal((await published('--version')).stdout.trim(), version);
    const { stdout, loads } = await published('--help');
    assert.match(stdout, /Usage: tidemark/);
    const files = loads.filter((url) => url.startsWith('file:'));
    assert.ok(files.length < 20, files.join('\n'));
    assert.deepEqual(
      files.filter((url) => url.includes('/node_modules/')),
      [],
    );
  });

  for (const verb of [
    ['status'],
    ['state', 'show'],
    ['evidence', 'verify'],
    ['show', 'manifest-tickets-full-20260401-001'],
  ]) {
    it(`answers ${verb.join(' ')} without the data engine, the judge of records or a reader of documents`, async () => {
      const { loads } = await published(...verb, '--home', home, '--json');
      const packages = loads.filter((url) => url.includes('/node_modules/'));
      assert.deepEqual(
        packages.filter((url) => /duckdb|ajv|unpdf|mediainfo/.test(url)),
        [],
      );
    });
  }

  it('brings the licences of the packages whose code it holds', () => {
    const text = readFileSync(join(folder, 'tidemark/dist/bin/LICENCES.txt'), 'utf8');
    for (const name of ['commander', 'kysely', 'yaml', 'avsc'])
      assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|ISC)\\)`, 'm'));
  });
});
