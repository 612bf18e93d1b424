import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import ticketContract from '../../../contracts/data/ticket.json' with { type: 'json' };
import { capture } from './captured.fixture.ts';
import { typedCommands } from './command-line.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
});
after(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('wrong use', () => {
  const wrong: readonly (readonly [argv: readonly string[], message: RegExp, next: string])[] = [
    [['rnu'], /TM8001 Unknown command 'rnu' \(Did you mean run\?\)/, 'npx tidemark --help'],
    [
      ['run', '--manifset-dir', 'x'],
      /Unknown option '--manifset-dir' \(Did you mean --manifest-dir\?\)/,
      'npx tidemark run --help',
    ],
    [['run', 'x'], /Too many arguments/, 'npx tidemark run --help'],
    [['run', '--fail-on', 'warnings'], /Allowed choices are rejects/, 'npx tidemark run --help'],
    [['run', '--batch-id', ''], /It is empty/, 'npx tidemark run --help'],
    [['show', ''], /It is empty/, 'npx tidemark show --help'],
    [['show'], /Missing required argument 'anything'/, 'npx tidemark show --help'],
    [['evidence', 'verfiy'], /Unknown command 'verfiy'/, 'npx tidemark evidence --help'],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/, 'npx tidemark completion --help'],
    [['rejects', '--limit', '0'], /A whole number of at least 1/, 'npx tidemark rejects --help'],
  ];
  for (const [argv, message, next] of wrong) {
    it(`${argv.join(' ')}: exit 2, says what is wrong, ends with the help to read`, async () => {
      const { exit, stdout, stderr } = await capture(...argv);
      assert.equal(exit, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.ok(stderr.endsWith(`next: ${next}\n`), stderr);
    });
  }

  it('is one JSON document with --json', async () => {
    const { exit, stdout } = await capture('run', '--json', '--bogus');
    const { error, exit_code } = JSON.parse(stdout);
    assert.equal(exit, 2);
    assert.equal(exit_code, 2);
    assert.deepEqual(Object.keys(error), ['code', 'disposition', 'message', 'next', 'facts']);
  });

  it('of a folder that is no project folder is told, and never reads as one where nothing ran', async () => {
    await writeFile(join(dir, 'a-file'), 'x');
    for (const [project, why] of [
      [join(dir, 'nowhere'), /TM7301 The project folder \S+ does not exist\./],
      [join(dir, 'a-file'), /TM7301 The project folder \S+ is not a folder\./],
    ] as const) {
      const { exit, stdout, stderr } = await capture('status', '--project', project);
      assert.deepEqual([exit, stdout], [3, '']);
      assert.match(stderr, why);
    }
    const home = await capture('status', '--project', dir, '--home', join(dir, 'a-file'));
    assert.equal(home.exit, 3);
    assert.match(home.stderr, /TM8010 .* it is not a folder/);
  });

  it('of a file where init needs a folder is told', async () => {
    await writeFile(join(dir, 'a-file'), 'x');
    const { exit, stderr } = await capture('init', 'a-file', '--project', dir);
    assert.equal(exit, 3);
    assert.match(stderr, /TM8005 \S+ is a file, not a folder\. Nothing was written\./);
  });

  it('of a tidemark.yaml that is no file is told', async () => {
    const project = join(dir, 'yaml-is-a-folder');
    await mkdir(join(project, 'tidemark.yaml'), { recursive: true });
    const { exit, stderr } = await capture('status', '--project', project);
    assert.equal(exit, 3);
    assert.match(stderr, /TM8003 \S+tidemark\.yaml cannot be read/);
  });

  it('without a command prints the help on stderr', async () => {
    const { exit, stdout, stderr } = await capture();
    assert.deepEqual([exit, stdout], [2, '']);
    assert.match(stderr, /^Usage: tidemark/);
  });
});

describe('help', () => {
  it('and version are one JSON document with --json', async () => {
    for (const argv of [['--help'], ['help', 'run'], ['run', '--help']]) {
      const { exit, stdout } = await capture(...argv, '--json');
      assert.equal(exit, 0);
      assert.match(JSON.parse(stdout).help, /^Usage: tidemark/);
    }
    const { stdout } = await capture('--json', '--version');
    assert.match(JSON.parse(stdout).version, /^\d+\.\d+\.\d+/);
  });

  it('fits a terminal of 80 columns', async () => {
    const { stdout } = await capture('--help');
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    );
  });

  it('lists verbs and exit codes, and how to start', async () => {
    const { exit, stdout } = await capture('--help');
    assert.equal(exit, 0);
    assert.match(stdout, /plan\|seed-loader/);
    assert.match(stdout, /Exit codes:\n {4}0 {2}/);
    assert.match(stdout, /npx tidemark init demo && cd demo && npx tidemark run/);
  });
});

describe('a project that is none', () => {
  it('is a configuration error with the next command, and nothing is made', async () => {
    await mkdir(join(dir, 'bare'));
    const { exit, stderr } = await capture('run', '--project', join(dir, 'bare'));
    assert.equal(exit, 3);
    assert.match(stderr, /^error TM1002 .*\nnext: .*`npx tidemark --project \S+ init`\.\n$/);
    assert.deepEqual(await readdir(join(dir, 'bare')), []);
  });

  it('has a status all the same', async () => {
    const { exit, stdout } = await capture('status', '--project', dir);
    assert.equal(exit, 0);
    assert.match(stdout, /^Nothing was ever run here\./);
  });

  it('says of a broken tidemark.yaml where it is broken', async () => {
    await writeFile(join(dir, 'tidemark.yaml'), 'home: .tidemark\nmanifest: data\n');
    const { exit, stdout } = await capture('check', '--json', '--project', dir);
    assert.equal(exit, 3);
    assert.match(JSON.parse(stdout).error.message, /tidemark\.yaml:2:1 unknown field manifest/);
    await rm(join(dir, 'tidemark.yaml'));
  });
});

describe('a new project', () => {
  const at = (...words: string[]) => capture(...words, '--project', join(dir, 'demo'));

  it('says what it wrote and the next command, and its contracts hold', async () => {
    const { exit, stdout } = await capture('init', 'demo', '--project', dir);
    assert.equal(exit, 0);
    assert.match(stdout, /data\/seed_manifests\/tickets\.json/);
    assert.match(stdout, /next: cd .*demo && npx tidemark run\n$/);
    assert.equal((await at('check')).exit, 0);
    assert.equal((await at('contract', 'test')).exit, 0);
  });

  it('has the ticket contract of this repository, word for word', async () => {
    const written = await readFile(join(dir, 'demo/contracts/data/ticket.json'), 'utf8');
    assert.deepEqual(JSON.parse(written), ticketContract);
  });

  it('is never written over: not one file is touched', async () => {
    const place = join(dir, 'demo/data/seeds/tickets.jsonl');
    await rm(join(dir, 'demo/tidemark.yaml'));
    await writeFile(place, 'mine');
    const { exit, stderr } = await capture('init', 'demo', '--project', dir);
    assert.equal(exit, 3);
    assert.match(stderr, /TM8005 .* holds contracts\/data\/ticket\.json, .* already\. Nothing was written\./);
    assert.equal(await readFile(place, 'utf8'), 'mine');
    await assert.rejects(readFile(join(dir, 'demo/tidemark.yaml')), { code: 'ENOENT' });
  });

  it('runs, closes its account, proves it, and commits nothing the second time', async () => {
    await capture('init', 'fresh', '--project', dir);
    const run = [
      'run',
      '--json',
      '--project',
      join(dir, 'fresh'),
      '--report-json',
      join(dir, 'out/report.json'),
    ];
    const first = await capture(...run);
    assert.equal(first.exit, 0, first.stdout + first.stderr);
    const report = JSON.parse(first.stdout);
    assert.deepEqual([report.command, report.exit_code], ['run', 0]);
    const { recordTally, reconciliation } = report.runs[0];
    assert.deepEqual(
      [recordTally.read, recordTally.accepted, recordTally.duplicate, recordTally.rejected],
      [10, 8, 1, 1],
    );
    assert.equal(reconciliation.verdict, 'pass');
    const written = JSON.parse(await readFile(join(dir, 'out/report.json'), 'utf8'));
    assert.equal(written.runs[0].runId, report.runs[0].runId);

    const second = JSON.parse((await capture(...run)).stdout);
    assert.equal(second.runs[0].state, 'nothing_to_commit');
    assert.equal(second.tables.find((head: { table: string }) => head.table === 'ticket').totalRecords, 8);
  });

  it('fails with --fail-on rejects, in words that name the command to look with', async () => {
    await capture('init', 'strict', '--project', dir);
    const place = join(dir, 'strict');
    const { exit, stdout, stderr } = await capture('run', '--fail-on', 'rejects', '--project', place);
    assert.equal(exit, 1, stderr);
    assert.match(stdout, /✓ closes/);
    assert.match(
      stdout,
      /✗ exit 1: 1 record was rejected in .*\nnext: npx tidemark --project \S+ rejects --run \S+\n$/,
    );
    assert.doesNotMatch(stdout, /[█░]/);
    assert.ok(!stdout.includes('\u001b'));
    assert.equal(stderr, '');
  });

  it('afterwards has a status, its rejects, and a story of every name', async () => {
    const place = ['--project', join(dir, 'strict')];
    const status = JSON.parse((await capture('status', '--json', ...place)).stdout);
    assert.deepEqual(status.attention, []);
    const rejects = await capture('rejects', ...place);
    assert.match(
      rejects.stdout,
      /^helpdesk-export-sample line 10 {2}enum \/priority: expected .*, found "urgent!"\n$/,
    );
    assert.equal(JSON.parse((await capture('rejects', '--json', ...place)).stdout).count, 1);
    assert.match(
      (await capture('show', 'TKT-20260302-000002', ...place)).stdout,
      /record TKT-20260302-000002/,
    );
    const unknown = await capture('show', 'nothing-like-it', ...place);
    assert.equal(unknown.exit, 2);
    assert.match(unknown.stderr, /TM8002/);
  });

  it('is proved again, and found out when a byte of its evidence is altered', async () => {
    const place = ['--project', join(dir, 'strict')];
    const proved = await capture('reconcile', '--hash', ...place);
    assert.equal(proved.exit, 0);
    assert.match(
      proved.stdout,
      /✓ proved: 18 of 18 checks, digest source = raw = Bronze[\s\S]*✓ 1 batch proved again\n$/,
    );
    const verified = JSON.parse((await capture('evidence', 'verify', '--json', ...place)).stdout);
    assert.equal(verified.verdict, 'pass');
    const { runId } = JSON.parse((await capture('reconcile', '--json', ...place)).stdout).runs[0];
    const report = join(dir, 'strict/.tidemark/evidence', runId, 'report.md');
    await appendFile(report, 'x');
    const altered = await capture('evidence', 'verify', ...place);
    assert.equal(altered.exit, 8);
    assert.match(altered.stdout, /file_altered/);
    assert.ok(altered.stdout.endsWith(`next: npx tidemark ${place.join(' ')} evidence rebuild ${runId}\n`));
    assert.equal((await capture('evidence', 'rebuild', runId, ...place)).exit, 0);
    assert.equal((await capture('evidence', 'verify', ...place)).exit, 0);
    assert.match((await capture('evidence', 'show', runId, ...place)).stdout, new RegExp(`^# Run ${runId}`));
  });

  it('has a plan whose report can be written', async () => {
    const place = join(dir, 'strict');
    const path = join(dir, 'plan.json');
    const { exit, stdout } = await capture('seed-loader', '--project', place, '--report-json', path);
    assert.equal(exit, 0);
    assert.match(stdout, /= skip {2}accept {2}helpdesk-export-sample .* already committed by run/);
    assert.equal(JSON.parse(await readFile(path, 'utf8')).status, 'ok');
    const refused = await capture('plan', '--project', place, '--report-json', dir);
    assert.equal(refused.exit, 3);
    assert.match(refused.stderr, /TM8004 .* cannot be written: it is a folder/);
  });
});

it('prints the commands of the engine as they are to be typed', () => {
  const typed = (text: string) => typedCommands(text, ['--home', 'my home']);
  assert.equal(typedCommands('tidemark status', []), 'npx tidemark status');
  assert.equal(typed('Mend it, then `tidemark run`.'), "Mend it, then `npx tidemark --home 'my home' run`.");
  assert.equal(typed(typed('tidemark run')), typed('npx tidemark run'));
  assert.equal(typed('Mend tidemark.yaml'), 'Mend tidemark.yaml');
});
