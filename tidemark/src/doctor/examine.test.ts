import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runOnly } from '../testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../testing/sample-project.ts';
import { type Examination, examine } from './examine.ts';

async function healthyProject() {
  const project = await sampleProject();
  const asset = await project.asset({
    source_id: 'desk',
    path: 'data/t.jsonl',
    content: jsonLines([ticket(1)]),
  });
  await project.manifest('m', { assets: [asset] });
  return project;
}

function found({ examined }: Examination, name: string) {
  return examined.find((one) => one.name === name);
}

describe('doctor', () => {
  it('finds everything in place before the first run, and makes nothing', async () => {
    await using project = await healthyProject();
    const before = await readdir(project.root);
    const report = await examine({ project: project.root });
    assert.deepEqual(
      report.examined.filter(({ verdict }) => verdict === 'bad'),
      [],
    );
    assert.match(found(report, 'home')?.message ?? '', /will be made by the first run/);
    assert.match(found(report, 'sources')?.message ?? '', /^1 are there$/);
    assert.deepEqual(await readdir(project.root), before);
  });

  it('counts the runs of a project, and leaves its home as it was', async () => {
    await using project = await healthyProject();
    await runOnly(project);
    const home = join(project.root, '.tidemark');
    const before = await readdir(home);
    const report = await examine({ project: project.root });
    assert.match(found(report, 'catalog')?.message ?? '', /answers, 1 runs, 0 in progress/);
    // Whoever reads an SQLite catalog leaves its two side files.
    const after = (await readdir(home)).filter((name) => !/-(shm|wal)$/.test(name));
    assert.deepEqual(after, before);
  });

  it('names what is amiss with each thing, and what to do, and goes on to the next', async () => {
    await using project = await healthyProject();
    await rm(join(project.root, 'data/t.jsonl'));
    await writeFile(join(project.root, 'contracts/data/broken.json'), '{');
    await writeFile(join(project.root, 'data/seed_manifests/broken.json'), '{');
    const report = await examine({ project: project.root, home: join(project.root, 'odd#home') });
    assert.equal(report.verdict, 'bad');
    const verdicts = Object.fromEntries(report.examined.map(({ name, verdict }) => [name, verdict]));
    const { home, contracts, manifests, sources } = verdicts;
    assert.deepEqual(
      { home, contracts, manifests, sources },
      {
        home: 'bad',
        contracts: 'bad',
        manifests: 'bad',
        sources: 'doubtful',
      },
    );
    for (const { verdict, next } of report.examined) assert.equal(next === null, verdict === 'good');
  });

  it('says where the configuration is broken, and of a variable that it is misspelt', async () => {
    await using project = await healthyProject();
    await project.write('tidemark.yaml', 'limits:\n  lineBytesMaximum: 1\n');
    process.env.TIDEMARK_HOMES = 'x';
    try {
      const report = await examine({ project: project.root });
      assert.match(found(report, 'configuration')?.message ?? '', /tidemark\.yaml:2:3 .*unknown limit/);
      assert.match(
        found(report, 'environment')?.message ?? '',
        /TIDEMARK_HOMES \(did you mean TIDEMARK_HOME\?\)/,
      );
    } finally {
      delete process.env.TIDEMARK_HOMES;
    }
  });
});
