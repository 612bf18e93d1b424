import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { leastManifest } from './manifest.fixture.ts';
import { scanManifests } from './scan-manifests.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-scan-'));
});
afterEach(() => rm(root, { recursive: true }));

const manifest = (slug: string, changes: object = {}) =>
  JSON.stringify(leastManifest({ manifest_id: `manifest-${slug}-20260301-001`, ...changes }), null, 2);

async function lay(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

/** Each reading as `name: declared`, or with the rules that refuse it. */
async function scan(dirs: string[], paths: string[] = [], limits = DEFAULT_LIMITS): Promise<string[]> {
  const absolute = (names: string[]) => names.map((name) => join(root, name));
  const readings = await scanManifests({
    manifestDirs: absolute(dirs),
    manifestPaths: absolute(paths),
    limits,
  });
  return readings.map((reading) => {
    const path = reading.kind === 'declared' ? reading.declared.path : reading.path;
    const says =
      reading.kind === 'declared' ? 'declared' : reading.problems.map((problem) => problem.rule).join(' ');
    return `${path.slice(root.length + 1)}: ${says}`;
  });
}

describe('which files are manifests', () => {
  it('every *.json of a folder in file-name order, but for the schema, hidden files and folders inside', async () => {
    await lay({
      'm/b.json': manifest('b'),
      'm/a.json': manifest('a'),
      'm/B.json': manifest('c'),
      'm/source_manifest_v1.json': '{}',
      'm/source_manifest.json': '{}',
      'm/.hidden.json': '{}',
      'm/readme.md': '',
      'm/more/d.json': manifest('d'),
    });
    assert.deepEqual(await scan(['m']), ['m/B.json: declared', 'm/a.json: declared', 'm/b.json: declared']);
  });

  it('files named one by one, after the folders, in the order given', async () => {
    await lay({ 'm/a.json': manifest('a'), 'z.json': manifest('z'), 'y.txt': manifest('y') });
    assert.deepEqual(await scan(['m'], ['z.json', 'y.txt']), [
      'm/a.json: declared',
      'z.json: declared',
      'y.txt: declared',
    ]);
  });

  it('each file once, though named twice, through a link, and by its folder', async () => {
    await lay({ 'm/a.json': manifest('a') });
    await symlink(join(root, 'm'), join(root, 'link'));
    await symlink(join(root, 'm/a.json'), join(root, 'm/b.json'));
    const paths = ['m/a.json', 'm/../m/a.json', 'link/a.json'];
    assert.deepEqual(await scan(['m', 'm', 'link'], paths), ['m/a.json: declared']);
    assert.deepEqual(await scan([], paths), ['m/a.json: declared']);
  });

  it('never the schema, though it is named', async () => {
    await lay({ 'source_manifest_v1.schema.json': '{}' });
    assert.deepEqual(await scan([], ['source_manifest_v1.schema.json']), [
      'source_manifest_v1.schema.json: file_is_schema',
    ]);
  });
});

describe('a file that cannot be used is refused, and the others are read', () => {
  it('missing, a broken link, a folder, a pipe', { timeout: 10_000 }, async () => {
    await lay({ 'm/a.json': manifest('a') });
    await mkdir(join(root, 'm/b.json'));
    await symlink(join(root, 'nowhere'), join(root, 'm/c.json'));
    execFileSync('mkfifo', [join(root, 'm/d.json')]);
    assert.deepEqual(await scan(['m'], ['gone.json', 'm/a.json/gone.json']), [
      'm/a.json: declared',
      'm/b.json: file_not_regular',
      'm/c.json: file_missing',
      'm/d.json: file_not_regular',
      'gone.json: file_missing',
      'm/a.json/gone.json: file_missing',
    ]);
  });

  it('a link that leads out of its folder and out of the project, of which nothing is shown', async () => {
    await lay({ 'p/m/a.json': manifest('a'), 'p/more/b.json': manifest('b'), 'secret.json': 'hunter2' });
    await symlink(join(root, 'p/more/b.json'), join(root, 'p/m/b.json'));
    await symlink(join(root, 'secret.json'), join(root, 'p/m/c.json'));
    const readings = await scanManifests({
      manifestDirs: [join(root, 'p/m')],
      manifestPaths: [],
      limits: DEFAULT_LIMITS,
      root: join(root, 'p'),
    });
    assert.doesNotMatch(JSON.stringify(readings), /hunter2/);
    const rules = readings.map((one) => (one.kind === 'refused' ? one.problems[0]?.rule : 'declared'));
    assert.deepEqual(rules, ['declared', 'declared', 'file_outside']);
    assert.deepEqual(await scan([], ['p/m/c.json']), ['p/m/c.json: json_syntax'], 'who names it means it');
  });

  it('larger than the limit allows', async () => {
    const text = manifest('a');
    await lay({ 'm/a.json': text, 'm/b.json': `${manifest('b')} ` });
    const limits = { ...DEFAULT_LIMITS, declarationBytesMax: text.length };
    assert.deepEqual(await scan(['m'], [], limits), ['m/a.json: declared', 'm/b.json: file_too_large']);
  });

  it('not readable by this user', async () => {
    await lay({ 'a.json': manifest('a') });
    const [first] = JSON.parse(
      asNobody(`chmod 755 '${root}' && chmod 600 '${root}/a.json'`, {
        manifestDirs: [],
        manifestPaths: [join(root, 'a.json')],
      }),
    );
    assert.equal(first.problems[0].rule, 'file_unreadable');
    assert.equal(first.problems[0].found, 'EACCES');
  });

  it('a folder without manifests beside one that has some', async () => {
    await lay({ 'm/a.json': manifest('a'), 'empty/readme.md': '' });
    assert.deepEqual(await scan(['empty', 'm']), ['m/a.json: declared', 'empty: directory_empty']);
  });
});

describe('the same manifest_id twice in one invocation', () => {
  it('refuses the later file at its manifest_id, naming the first', async () => {
    await lay({
      'm/a.json': manifest('a'),
      'm/b.json': `\n${manifest('a', { owner: 'else' })}`,
      'm/c.json': manifest('a'),
    });
    assert.deepEqual(await scan(['m']), [
      'm/a.json: declared',
      'm/b.json: duplicate_manifest_id',
      'm/c.json: duplicate_manifest_id',
    ]);
    const [, later, copy] = await scanManifests({
      manifestDirs: [join(root, 'm')],
      manifestPaths: [],
      limits: DEFAULT_LIMITS,
    });
    assert.ok(later?.kind === 'refused' && copy?.kind === 'refused');
    const { line, column, pointer, message } = later.problems[0]!;
    assert.deepEqual({ line, column, pointer }, { line: 3, column: 18, pointer: '/manifest_id' });
    assert.ok(message.startsWith(`${join(root, 'm/a.json')}:2 `));
    assert.match(copy.problems[0]!.message, /byte for byte/);
  });

  it('holds where either file is refused for something else too', async () => {
    await lay({ 'm/a.json': manifest('a', { owner: 7 }), 'm/b.json': manifest('a', { owner: 7 }) });
    assert.deepEqual(await scan(['m']), [
      'm/a.json: wrong_type',
      'm/b.json: duplicate_manifest_id wrong_type',
    ]);
  });
});

describe('where nothing can be done at all', () => {
  const refusal = (code: string, message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

  it('a folder that does not exist or is none stops the command', async () => {
    await lay({ 'm/a.json': manifest('a') });
    await assert.rejects(scan(['m', 'gone']), refusal('TM1002', /gone cannot be listed: it does not exist/));
    await assert.rejects(scan(['m/a.json']), refusal('TM1002', /it is not a folder/));
  });

  it('a folder that this user may not list stops the command', () => {
    const thrown = JSON.parse(asNobody(`chmod 700 '${root}'`, { manifestDirs: [root], manifestPaths: [] }));
    assert.deepEqual(thrown, { code: 'TM1002' });
  });

  it('no manifest in any folder, and none named', async () => {
    await lay({ 'm/source_manifest_v1.json': '{}' });
    await assert.rejects(scan(['m']), refusal('TM1003', /no \*\.json or \*\.yaml in .*m/));
    await assert.rejects(scan([]), refusal('TM1003', /no folder and no file was named/));
  });
});

/** Scans as a user without rights, since the tests may run as root, whom no permission stops. */
function asNobody(before: string, places: { manifestDirs: string[]; manifestPaths: string[] }): string {
  execFileSync('sh', ['-c', before]);
  const program = `
    const { scanManifests } = await import(${JSON.stringify(new URL('./scan-manifests.ts', import.meta.url).href)});
    if (process.getuid() === 0) process.setuid(65534);
    const places = ${JSON.stringify({ ...places, limits: DEFAULT_LIMITS })};
    const said = await scanManifests(places).catch((error) => ({ code: error.code }));
    console.log(JSON.stringify(said));`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
}
