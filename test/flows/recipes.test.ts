import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { alter, keysHolding } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { FILES_ARE_IN_THE_HOME } from '../../tidemark/src/testing/services.ts';
import { type, typed } from '../../tidemark/src/testing/type-command.ts';

import { commitForeign, liveFiles, writeBeside } from '../../tidemark/src/verify/damaged-project.fixture.ts';

interface Told {
  readonly key: string;
  readonly kind: string;
  readonly class: string;
  readonly state: string;
  readonly suggestion: string;
}

/** What is open, as a person who was told nothing asks for it. */
async function open(project: SampleProject): Promise<Told[]> {
  return JSON.parse((await typed(project, 'tidemark incidents --json')).stdout).incidents;
}

/** Every recipe: found without being told where to look, mended by typing what is suggested, over once that is verified. */
async function isFoundAndMended(
  project: SampleProject,
  expected: { class: string; kinds: readonly string[]; first?: () => Promise<void> },
): Promise<void> {
  const found = await open(project);
  assert.deepEqual([...new Set(found.map(({ kind }) => kind))].sort(), [...expected.kinds].sort());
  assert.ok(found.some((incident) => incident.class === expected.class));
  const status = JSON.parse((await typed(project, 'tidemark status --json')).stdout);
  assert.deepEqual(
    status.incidents.worst.map(({ key }: Told) => key).sort(),
    found.map(({ key }) => key).sort(),
  );
  await expected.first?.();
  for (const command of new Set(found.map(({ suggestion }) => suggestion))) await type(project, command);
  const verified = await typed(project, 'tidemark verify');
  assert.equal(verified.exit, 0, verified.stdout);
  assert.deepEqual(await open(project), []);
}

async function deskProject(changes: Record<string, unknown> = {}): Promise<SampleProject> {
  const project = await sampleProject();
  const desk = await project.asset({
    source_id: 'desk',
    path: 'data/desk.jsonl',
    content: jsonLines([ticket(1), ticket(2)]),
    ...changes,
  });
  const other = await project.asset({
    source_id: 'other desk',
    path: 'data/other.jsonl',
    content: jsonLines([ticket(3)]),
  });
  await project.manifest('m', { assets: [other, desk] });
  return project;
}

describe('a gap', () => {
  it('a declared source did not come: told by the run, mended by the retry once it is there', async () => {
    await using project = await deskProject();
    const [path, away] = [join(project.root, 'data/desk.jsonl'), join(project.root, 'data/away.jsonl')];
    await rename(path, away);
    const ran = await typed(project, 'tidemark run');
    assert.equal(ran.exit, 4);
    assert.match(ran.stdout, /source_not_received: desk .*\n.*next: npx tidemark retry/);
    await isFoundAndMended(project, {
      class: 'gap',
      kinds: ['source_not_received'],
      first: async () => await rename(away, path),
    });
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3);
  });

  it('a plain run mends it as well, and its proof is the verification', async () => {
    await using project = await deskProject();
    const [path, away] = [join(project.root, 'data/desk.jsonl'), join(project.root, 'data/away.jsonl')];
    await rename(path, away);
    await typed(project, 'tidemark run');
    await typed(project, 'tidemark run');
    const [again] = await open(project);
    assert.equal(again?.kind, 'source_not_received', 'a repeat is the same incident');
    await rename(away, path);
    await type(project, 'tidemark run');
    assert.deepEqual(await open(project), []);
    const shown = await typed(project, `tidemark incidents show ${again?.key} --json`);
    const { incident } = JSON.parse(shown.stdout);
    assert.deepEqual([incident.timesSeen, incident.state], [2, 'resolved']);
  });
});

describe('a mismatch', () => {
  it('a source is not what its manifest declares: told by the run, mended by the rerun once one of them is right', async () => {
    await using project = await deskProject({ checksum_sha256: 'ab'.repeat(32) });
    const ran = await typed(project, 'tidemark run');
    assert.equal(ran.exit, 1);
    assert.match(ran.stdout, /source_contradicts_manifest: desk .*\n.*next: npx tidemark rerun/);
    const recover = JSON.parse((await typed(project, 'tidemark recover batch-m --json')).stdout);
    assert.equal(recover.advice[0].recommendation.verb, 'rerun');
    await isFoundAndMended(project, {
      class: 'mismatch',
      kinds: ['source_contradicts_manifest'],
      first: async () => {
        const content = jsonLines([ticket(1), ticket(2)]);
        const desk = await project.asset({ source_id: 'desk', path: 'data/desk.jsonl', content });
        const other = await project.asset({
          source_id: 'other desk',
          path: 'data/other.jsonl',
          content: jsonLines([ticket(3)]),
        });
        await project.manifest('m', { assets: [other, desk] });
      },
    });
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3);
  });

  it('stays while nobody has put it right, whatever is run', async () => {
    await using project = await deskProject({ checksum_sha256: 'ab'.repeat(32) });
    await typed(project, 'tidemark run');
    const before = await open(project);
    await typed(project, 'tidemark run');
    assert.equal((await typed(project, 'tidemark verify')).exit, 8);
    assert.deepEqual(
      (await open(project)).map(({ key, state }) => [key, state]),
      before.map(({ key }) => [key, 'open']),
    );
  });

  it('a contract was repaired: the batch that it judged before is told of, with what changed, and a replay mends it', async () => {
    await using project = await sampleProject();
    const desk = await project.asset({
      source_id: 'desk',
      path: 'data/desk.jsonl',
      content: jsonLines([ticket(1), ticket(2, { status: 'parked' })]),
    });
    await project.manifest('m', { assets: [desk] });
    await typed(project, 'tidemark run');
    assert.deepEqual(await open(project), []);
    const path = join(project.root, 'contracts/data/ticket.json');
    const contract = JSON.parse(await readFile(path, 'utf8'));
    contract.properties.status.enum.push('parked');
    await writeFile(path, JSON.stringify(contract, null, 2));
    const ran = await typed(project, 'tidemark run');
    assert.match(ran.stdout, /contract_drift: batch-m .*\n.*widening: \/status enum: \+"parked"/);
    await isFoundAndMended(project, { class: 'mismatch', kinds: ['contract_drift'] });
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
  });

  it('a batch of a source is cut to a third of what is usual: told by the run, mended once it is whole', async () => {
    await using project = await sampleProject();
    const deliver = async (day: number, records: number) => {
      const tickets = Array.from({ length: records }, (_, at) => ticket(day * 1000 + at));
      const desk = await project.asset({
        source_id: 'desk',
        path: 'data/desk.jsonl',
        content: jsonLines(tickets),
      });
      await project.manifest('m', { batch_id: `day-${day}`, assets: [desk] });
    };
    await using tidemark = await openTidemark({ project: project.root });
    for (let day = 1; day <= 9; day += 1) {
      await deliver(day, day === 9 ? 40 : 150 + day);
      await tidemark.run();
    }
    const [odd] = await open(project);
    assert.deepEqual([odd?.kind, (await open(project)).length], ['volume_out_of_character', 1]);
    await isFoundAndMended(project, {
      class: 'mismatch',
      kinds: ['volume_out_of_character'],
      first: async () => await deliver(9, 155),
    });
  });
});

describe('a snapshot that lists a source no more', () => {
  it('is told, deletes nothing, and is over once the source is declared again', async () => {
    await using project = await deskProject();
    await typed(project, 'tidemark run');
    const whole = await readFile(join(project.root, 'data/seed_manifests/m.json'), 'utf8');
    const manifest = JSON.parse(whole);
    await project.manifest('m', { ...manifest, batch_id: 'batch-2', assets: manifest.assets.slice(0, 1) });
    const ran = await typed(project, 'tidemark run');
    assert.match(ran.stdout, /absent_from_snapshot: desk \(minor/);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3, 'nothing is deleted');
    assert.equal((await typed(project, 'tidemark verify')).exit, 0, 'a minor thing is no failure');
    await isFoundAndMended(project, {
      class: 'gap',
      kinds: ['absent_from_snapshot'],
      first: async () => {
        await project.manifest('m', { ...manifest, batch_id: 'batch-2' });
      },
    });
  });
});

/** Two deliveries, in the tables; what another engine does to them is done by its own commit to the same catalog. */
async function committedProject(): Promise<SampleProject> {
  const project = await deskProject();
  await type(project, 'tidemark run');
  return project;
}

async function firstFile(project: SampleProject) {
  const [file] = await liveFiles(project.root, 'ticket');
  assert.ok(file);
  return file;
}

describe('a duplicate', { skip: !FILES_ARE_IN_THE_HOME }, () => {
  it('another engine wrote rows that are there already: found by verify, mended by setting the table back', async () => {
    await using project = await committedProject();
    const before = await tablesAsSeen(homeOf(project));
    const added = await writeBeside(await firstFile(project), {
      name: 'again.parquet',
      select: "SELECT * REPLACE ('of another' AS unit_key) FROM it",
    });
    await commitForeign(project.root, { table: 'ticket', operation: 'append', add: [added] });
    assert.equal((await typed(project, 'tidemark verify')).exit, 8);
    const kinds = [...new Set((await open(project)).map(({ kind }) => kind))];
    assert.ok(kinds.includes('rows_doubled'), kinds.join());
    await isFoundAndMended(project, { class: 'duplicate', kinds });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('another engine listed a data file once more: found by verify, mended by setting the table back', async () => {
    await using project = await committedProject();
    const before = await tablesAsSeen(homeOf(project));
    const own = await firstFile(project);
    await commitForeign(project.root, { table: 'ticket', operation: 'append', add: [own] });
    assert.equal((await typed(project, 'tidemark verify')).exit, 8);
    const kinds = [...new Set((await open(project)).map(({ kind }) => kind))];
    assert.ok(kinds.includes('unit_doubled'), kinds.join());
    await isFoundAndMended(project, { class: 'duplicate', kinds });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });
});

describe('no traceability', () => {
  it('a file that nobody knows lies in the store: found by verify, mended by the rm that it names', async () => {
    await using project = await committedProject();
    await alter(homeOf(project), 'raw/note.txt', () => Buffer.from('x'));
    await typed(project, 'tidemark verify');
    await isFoundAndMended(project, { class: 'no_traceability', kinds: ['orphan_object'] });
  });

  it('the sealed report of a run was altered: found by verify, mended by making it again as it was sealed', async () => {
    await using project = await committedProject();
    const [report = ''] = (await keysHolding(homeOf(project), 'evidence/', '')).filter((key) =>
      key.endsWith('/report.md'),
    );
    await alter(homeOf(project), report, (text) => Buffer.from(`${text}and all was well`));
    assert.equal((await typed(project, 'tidemark verify')).exit, 8);
    await isFoundAndMended(project, { class: 'no_traceability', kinds: ['evidence_altered'] });
  });
});
