import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { CATALOG_IS_A_FILE } from '../../tidemark/src/testing/catalog-of.ts';
import { alter, removeBelow } from '../../tidemark/src/testing/durables-of.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { shell, type, typed } from '../../tidemark/src/testing/type-command.ts';

/** Two manifests whose data files are gone, found by a verification: two critical gaps. */
async function damagedProject(): Promise<SampleProject> {
  const project = await sampleProject();
  for (const [name, number] of [
    ['m', 1],
    ['n', 2],
  ] as const) {
    const asset = await project.asset({
      source_id: `desk-${name}`,
      path: `data/${name}.jsonl`,
      content: jsonLines([ticket(number)]),
    });
    await project.manifest(name, { assets: [asset] });
  }
  await runProject(project);
  await removeBelow(homeOf(project), 'warehouse/bronze/ticket/data/');
  await alter(homeOf(project), 'raw/note.txt', () => Buffer.from('x'));
  await using tidemark = await openTidemark({ project: project.root });
  await tidemark.verify({ quick: true });
  return project;
}

async function asked(project: SampleProject, words: string) {
  const printed = await typed(project, `tidemark incidents ${words} --json`);
  return { ...JSON.parse(printed.stdout), exit: printed.exit };
}

const kinds = (answer: { incidents: { kind: string }[] }) => answer.incidents.map(({ kind }) => kind);

describe('incidents', () => {
  it('are listed the gravest first, filtered, and bounded with a count of what is not shown', async () => {
    await using project = await damagedProject();
    assert.deepEqual(kinds(await asked(project, '')), [
      'data_file_missing',
      'data_file_missing',
      'orphan_object',
    ]);
    assert.deepEqual(kinds(await asked(project, 'list --class no-traceability')), ['orphan_object']);
    assert.deepEqual(kinds(await asked(project, '--severity minor --state open')), ['orphan_object']);
    assert.deepEqual(kinds(await asked(project, '--state resolved')), []);
    const ofOne = await asked(project, '--manifest manifest-n-20260401-001');
    assert.deepEqual(
      ofOne.incidents.map(({ sourceId }: { sourceId: string }) => sourceId),
      ['desk-n'],
    );
    const bounded = await asked(project, '--limit 1');
    assert.deepEqual([bounded.incidents.length, bounded.more, bounded.exit], [1, 2, 0]);
    assert.match(await shell(project, 'tidemark incidents --limit 1'), /and 2 more that fit/);
  });

  it('are told one by one: figures, the query that shows it, what mends it, the whole life', async () => {
    await using project = await damagedProject();
    const [{ key, query, suggestion }] = (await asked(project, '--manifest manifest-n-20260401-001'))
      .incidents;
    await shell(project, `tidemark incidents ack ${key} --reason 'replay tonight'`);
    await type(project, suggestion);
    const waiting = await shell(project, `tidemark incidents show ${key.slice(0, 8)}`);
    assert.match(waiting, /records +1\n/);
    assert.ok(waiting.includes(query), waiting);
    assert.match(waiting, /next: npx tidemark verify\n/);
    // Nothing about a table is over while some of its rows cannot be read.
    const [{ suggestion: other }] = (await asked(project, '--manifest manifest-m-20260401-001')).incidents;
    await type(project, other);
    await typed(project, 'tidemark verify --quick');
    const { incident } = await asked(project, `show ${key}`);
    assert.equal(incident.state, 'resolved');
    assert.deepEqual(
      incident.life.map(({ kind }: { kind: string }) => kind),
      ['opened', 'acknowledged', 'plan_executed', 'not_found'],
    );
    assert.match(
      await shell(project, `tidemark show ${key}`),
      /resolved\n[\s\S]*acknowledged: replay tonight/,
    );
  });

  it('are acknowledged with a reason, once, and stay in every answer: no verb closes one', async () => {
    await using project = await damagedProject();
    const [{ key }] = (await asked(project, '--class no-traceability')).incidents;
    assert.match((await typed(project, `tidemark incidents ack ${key}`)).stderr, /needs --reason/);
    const first = await asked(project, `ack ${key} --reason 'a note of mine'`);
    assert.deepEqual([first.changed, first.incident.state], [true, 'acknowledged']);
    const again = await asked(project, `ack ${key} --reason 'another'`);
    assert.deepEqual([again.changed, again.incident.life.length], [false, 2]);
    assert.equal((await asked(project, '')).incidents.length, 3);
    assert.match(await shell(project, 'tidemark incidents --help'), /No verb closes an incident/);
    assert.match((await typed(project, `tidemark incidents close ${key}`)).stderr, /TM8001/);
  });

  it('that are resolved cannot be acknowledged, and are open again when they are found again', async () => {
    await using project = await damagedProject();
    const note = 'raw/note.txt';
    const [{ key }] = (await asked(project, '--class no-traceability')).incidents;
    await removeBelow(homeOf(project), note);
    await typed(project, 'tidemark verify --quick');
    const refused = await asked(project, `ack ${key} --reason late`);
    assert.deepEqual([refused.error.code, refused.exit], ['TM7202', 5]);
    await alter(homeOf(project), note, () => Buffer.from('x'));
    await typed(project, 'tidemark verify --quick');
    const { incident } = await asked(project, `show ${key}`);
    assert.deepEqual([incident.state, incident.timesSeen], ['open', 2]);
    assert.equal(incident.life.at(-1).kind, 'reopened');
  });

  it('that a run could not look for are told with its report, and the run is good all the same', {
    skip: !CATALOG_IS_A_FILE,
  }, async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, number: number) => {
      const content = jsonLines([ticket(number)]);
      const asset = await project.asset({ source_id: 'desk', path: `data/${name}.jsonl`, content });
      await project.manifest('m', { assets: [asset], batch_id: name });
    };
    await deliver('one', 1);
    await runProject(project);
    const path = join(project.root, 'contracts/data/ticket.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), title: 'Another' }));
    await deliver('two', 2);
    // A catalog that takes no incident: a trigger, since nothing of ours refuses it.
    const catalog = new DatabaseSync(join(homeOf(project), 'catalog.db'));
    catalog.exec(
      "CREATE TRIGGER none BEFORE INSERT ON incidents BEGIN SELECT RAISE(ABORT, 'no incident today'); END",
    );
    const { exit, stdout } = await typed(project, 'tidemark run');
    assert.match(stdout, /could not be compared with the batches before it: .*no incident today/s);
    assert.match(stdout, /later:\s+tidemark verify --manifest manifest-m-20260401-001/);
    assert.equal(exit, 0);
    catalog.exec('DROP TRIGGER none');
    catalog.close();
    await deliver('three', 3);
    const [report] = await runProject(project);
    assert.deepEqual([report?.state, report?.notCompared], ['committed', undefined]);
    assert.ok(kinds(await asked(project, '')).includes('contract_drift'));
  });

  it('of an unknown key are an error that says where keys are listed', async () => {
    await using project = await damagedProject();
    const unknown = await typed(project, 'tidemark incidents show zz');
    assert.equal(unknown.exit, 2);
    assert.match(unknown.stderr, /TM8002[\s\S]*next: npx tidemark incidents list/);
  });
});
