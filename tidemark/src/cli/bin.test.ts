import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { capture } from './captured.fixture.ts';

const bin = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tidemark-bin-'));
  await capture('init', 'demo', '--project', dir);
});
after(async () => {
  await rm(dir, { recursive: true, force: true });
});

const { NO_COLOR, FORCE_COLOR, ...environment } = process.env;

function start(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd: join(dir, 'demo'),
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const ended = once(child, 'close').then(([exit, signal]) => ({
    exit,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  }));
  return { child, ended };
}

describe('the program', () => {
  it('says on stderr when its output could not be written, and does not exit as if it had been', async (t) => {
    if (!existsSync('/dev/full')) return t.skip('this system has no /dev/full');
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [bin, 'status', '--json'], {
      cwd: join(dir, 'demo'),
      env: environment,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    let told = '';
    child.stderr?.on('data', (chunk) => {
      told += chunk;
    });
    const [exit] = await once(child, 'close');
    assert.equal(exit, 3);
    assert.match(told, /^error TM8006 .*ENOSPC.*\nnext: npx tidemark status\n$/);
  });

  it('exits 2 on wrong use, with the next command last', async () => {
    const { exit, stderr } = await start(['plna']).ended;
    assert.equal(exit, 2);
    assert.match(
      stderr,
      /^error TM8001 Unknown command 'plna' \(Did you mean plan\?\)\nnext: npx tidemark --help\n$/,
    );
  });

  it('writes no escape code into a pipe, unless FORCE_COLOR asks for it, and --no-color is stronger', async () => {
    const plain = await start(['check']).ended;
    assert.equal(plain.exit, 0);
    assert.ok(!plain.stdout.includes('\u001b['));
    const forced = await start(['check'], { FORCE_COLOR: '1' }).ended;
    assert.ok(forced.stdout.includes('\u001b['));
    const never = await start(['check', '--no-color'], { FORCE_COLOR: '1' }).ended;
    assert.equal(never.stdout, plain.stdout);
  });

  it('ends quietly when its reader goes away', async () => {
    const { child, ended } = start(['completion', 'fish']);
    child.stdout.destroy();
    const { exit, stderr } = await ended;
    assert.deepEqual([exit, stderr], [0, '']);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stops cleanly on ${signal}: exit 130, and says how to go on`, async () => {
      const { child, ended } = start(['run']);
      await once(child.stdout, 'data'); // The introduction: from here on it listens.
      child.kill(signal);
      const { exit, stdout, stderr } = await ended;
      assert.equal(exit, 130, stdout + stderr);
      assert.match(stderr, /^stopping: what is landed and prepared is kept/);
      assert.match(stdout, /✗ exit 130: .*\nnext: npx tidemark run/);
    });
  }

  it('goes on where it was stopped', async () => {
    const { exit, stdout } = await start(['run']).ended;
    assert.equal(exit, 0);
    assert.match(stdout, /✓ done: 1 source committed, 1 record rejected, each with its reason\n$/);
  });

  it('tells the status without loading the data engine', async () => {
    const script = `const { main } = await import(${JSON.stringify(new URL('main.ts', import.meta.url).href)});
      await main(['status']);
      const { sharedObjects } = process.report.getReport();
      process.stderr.write(String(sharedObjects.filter((path) => /duckdb/.test(path)).length));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(dir, 'demo'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    assert.equal((await child.stderr.setEncoding('utf8').toArray()).join(''), '0');
  });
});

it('loads no engine for --help: what main imports at once is the command line and a few pure words', () => {
  const source = fileURLToPath(new URL('..', import.meta.url));
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, to = ''] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '(\.[^']+\.ts)';/gm)) {
      visit(join(dirname(path), to));
    }
  };
  visit(fileURLToPath(new URL('main.ts', import.meta.url)));
  const others = [...seen].map((path) => relative(source, path)).filter((path) => !path.startsWith('cli/'));
  assert.deepEqual(others.sort(), [
    'errors/codes.ts',
    'errors/tidemark-error.ts',
    'evidence/next-command.ts',
    'manifest/show-value.ts',
  ]);
});
