import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { editCatalog } from '../../tidemark/src/testing/catalog-of.ts';
import {
  alter,
  durablesOf,
  keysHolding,
  keysOf,
  removeBelow,
} from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { shell, type } from '../../tidemark/src/testing/type-command.ts';
import type { VerificationReport, VerifyOptions } from '../../tidemark/src/verify/verify.ts';

const TICKETS = 'warehouse/bronze/ticket/data/';

/** Two batches: tickets with a duplicate and a reject, and one that delivers a ticket again; a source is held. */
async function deliveredProject(): Promise<SampleProject> {
  const project = await sampleProject();
  const first = await project.asset({
    source_id: 'helpdesk',
    path: 'data/m.jsonl',
    content: jsonLines([ticket(1), ticket(2), ticket(1), ticket(3, { status: 'parked' }), ticket(4)]),
  });
  const held = await project.asset({
    source_id: 'held desk',
    path: 'data/held.jsonl',
    content: jsonLines([ticket(9)]),
    metadata_status: 'missing',
  });
  await project.manifest('m', { assets: [first, held] });
  const second = await project.asset({
    source_id: 'helpdesk-n',
    path: 'data/n.jsonl',
    content: jsonLines([ticket(4), ticket(5)]),
  });
  await project.manifest('n', { assets: [second] });
  await runProject(project);
  return project;
}

async function verify(project: SampleProject, options: VerifyOptions = {}): Promise<VerificationReport> {
  await using tidemark = await openTidemark({ project: project.root });
  return await tidemark.verify(options);
}

const kindsOf = ({ symptoms }: VerificationReport) => symptoms.map(({ kind }) => kind).sort();

/** Found by a verification, mended by what it suggests, over once another verification says so. */
async function isFoundAndMended(
  project: SampleProject,
  expected: { kinds: readonly string[]; subject?: RegExp },
): Promise<VerificationReport> {
  const found = await verify(project);
  assert.deepEqual([...new Set(kindsOf(found))], [...expected.kinds].sort());
  if (expected.subject)
    assert.match(found.symptoms.map(({ message }) => message).join('\n'), expected.subject);
  for (const { query, suggestion } of found.symptoms) assert.ok(query !== '' && suggestion !== '');
  const commands = new Set(found.symptoms.map(({ suggestion }) => suggestion));
  for (const command of commands) await type(project, command);
  const after = await verify(project);
  assert.deepEqual(after.symptoms, []);
  assert.equal(after.verdict, 'pass');
  assert.equal(after.incidents?.resolved, found.symptoms.length);
  return found;
}

/** Changes one byte; a place below zero counts from the end. */
function flipped(bytes: Buffer, at: number): Buffer {
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return bytes;
}

async function edit(project: SampleProject, sql: string): Promise<void> {
  assert.ok((await editCatalog(homeOf(project), sql)) > 0, sql);
}

describe('verify', () => {
  it('passes on a project that is as it was recorded, and opens nothing', async () => {
    await using project = await deliveredProject();
    for (const options of [{}, { quick: true }, { table: 'ticket' }, { batchId: 'batch-n' }]) {
      const report = await verify(project, options);
      assert.deepEqual([report.verdict, report.symptoms], ['pass', []]);
      assert.deepEqual(report.incidents, { opened: 0, repeated: 0, resolved: 0 });
    }
    const { checks } = await verify(project);
    const checked = Object.fromEntries(checks.map(({ name, checked: count }) => [name, count]));
    assert.deepEqual([checked['raw objects'], checked.cells, checked.catalog], [3, 4, 2]);
  });

  it('has nothing to verify where nothing ever ran, and makes no project of the folder', async () => {
    await using project = await sampleProject();
    const printed = await shell(project, 'tidemark verify');
    assert.match(printed, /nothing was ever run here/);
    assert.deepEqual((await readdir(project.root)).includes('.tidemark'), false);
  });

  it('finds one changed byte in a raw object, and the rerun that it suggests receives it again', async () => {
    await using project = await deliveredProject();
    const [key = ''] = await keysHolding(homeOf(project), 'raw/', '"TKT-20260401-000002"');
    await alter(homeOf(project), key, (bytes) => flipped(bytes, 40));
    const report = await isFoundAndMended(project, { kinds: ['raw_object_altered'], subject: /helpdesk/ });
    assert.match(report.next ?? '', /^tidemark rerun --manifest manifest-m-20260401-001 --batch-id batch-m$/);
  });

  it('tells every batch that was made of a lost raw object, so that whichever source still has the bytes brings them', async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, ...numbers: number[]) => {
      const content = jsonLines(numbers.map((number) => ticket(number)));
      const asset = await project.asset({ source_id: `desk ${name}`, path: `data/${name}.jsonl`, content });
      await project.manifest(name, { assets: [asset] });
    };
    await deliver('m', 1);
    await deliver('n', 1);
    await runProject(project);
    await deliver('n', 2);
    await removeBelow(homeOf(project), 'raw/', 'TKT-20260401-000001');
    const { symptoms } = await isFoundAndMended(project, { kinds: ['raw_object_missing'] });
    assert.deepEqual(symptoms.map(({ sourceId }) => sourceId).sort(), ['desk m', 'desk n']);
  });

  it('finds a held asset’s bytes gone, and brings them back without admitting them', async () => {
    await using project = await deliveredProject();
    const before = await tablesAsSeen(homeOf(project));
    await removeBelow(homeOf(project), 'quarantine/', '000009');
    await isFoundAndMended(project, { kinds: ['raw_object_missing'], subject: /held desk/ });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('finds a deleted data file of every table, and the replay that it suggests writes them again', async () => {
    await using project = await deliveredProject();
    const before = await tablesAsSeen(homeOf(project));
    for (const table of ['ticket', 'rejects', 'skips', 'quarantine'])
      await removeBelow(homeOf(project), `warehouse/bronze/${table}/data/`);
    const report = await isFoundAndMended(project, { kinds: ['data_file_missing'] });
    assert.equal(report.symptoms.length, 6);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('mends a lost data file by replay, though another source of the batch contradicts its declaration', async () => {
    await using project = await sampleProject();
    const whole = await project.asset({
      source_id: 'a',
      path: 'data/a.jsonl',
      content: jsonLines([ticket(1), ticket(1), ticket(2)]),
    });
    const other = await project.asset({
      source_id: 'b',
      path: 'data/b.jsonl',
      content: jsonLines([ticket(3)]),
    });
    await project.manifest('m', { assets: [whole, other] });
    await project.write('data/b.jsonl', jsonLines([ticket(3), ticket(4)]));
    await runProject(project);
    const before = await tablesAsSeen(homeOf(project));
    await removeBelow(homeOf(project), TICKETS);
    const lost = (await verify(project)).symptoms.find(({ kind }) => kind === 'data_file_missing');
    assert.match(lost?.suggestion ?? '', /^tidemark replay /);
    await type(project, lost?.suggestion ?? '');
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
    assert.deepEqual(kindsOf(await verify(project)), ['source_contradicts_manifest']);
  });

  it('finds a data file whose bytes were changed, whichever byte it was', async () => {
    await using project = await deliveredProject();
    const before = await tablesAsSeen(homeOf(project));
    const [key = ''] = await keysHolding(homeOf(project), TICKETS, '');
    await alter(homeOf(project), key, (bytes) => flipped(bytes, -6));
    await isFoundAndMended(project, { kinds: ['data_file_altered'], subject: /cannot be read/ });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('finds a changed evidence file, which is made again as it was sealed', async () => {
    await using project = await deliveredProject();
    const [key = ''] = await keysHolding(homeOf(project), 'evidence/', 'batch-n');
    await alter(homeOf(project), key, (bytes) => Buffer.concat([bytes, Buffer.from(' ')]));
    await isFoundAndMended(project, { kinds: ['evidence_altered'] });
  });

  it('names a table whose metadata cannot be read, and resolves nothing of it meanwhile', async () => {
    await using project = await deliveredProject();
    await using durables = await durablesOf(homeOf(project));
    const [data = ''] = await keysOf(durables, TICKETS);
    const bytes = await durables.get(data);
    await durables.remove(data);
    assert.deepEqual(kindsOf(await verify(project)), ['data_file_missing']);
    await durables.put(data, bytes ?? Buffer.alloc(0));
    const metadata = await keysOf(durables, 'warehouse/bronze/ticket/metadata/');
    const head = metadata.filter((key) => key.endsWith('.json')).at(-1) ?? '';
    const text = await alter(homeOf(project), head, (whole) => whole.subarray(0, 200));
    const found = await verify(project);
    assert.ok(kindsOf(found).includes('table_metadata_unreadable'));
    assert.equal(found.incidents?.resolved, 0);
    await durables.put(head, text);
    const after = await verify(project);
    assert.deepEqual([after.symptoms, after.incidents?.resolved], [[], found.symptoms.length + 1]);
  });

  it('removes a foreign file when its command is typed, wherever it lies', async () => {
    await using project = await deliveredProject();
    await using durables = await durablesOf(homeOf(project));
    for (const key of [`${TICKETS}it’s mine.parquet`, 'raw/note.txt'])
      await durables.put(key, Buffer.from('x'));
    await alter(homeOf(project), 'evidence/readme', () => Buffer.from('x'));
    await isFoundAndMended(project, { kinds: ['evidence_altered', 'orphan_data_file', 'orphan_object'] });
  });
});

describe('verify, of a catalog that was edited by hand', () => {
  const EDITS = {
    'a run that is said to have failed':
      "UPDATE runs SET state = 'failed' WHERE manifest_id LIKE 'manifest-m%'",
    'a run that is gone': "DELETE FROM runs WHERE manifest_id LIKE 'manifest-n%'",
    'a run of another verb': "UPDATE runs SET verb = 'replay' WHERE manifest_id LIKE 'manifest-n%'",
    'a commit that is gone': "DELETE FROM commits WHERE table_name = 'ticket' AND batch_id = 'batch-n'",
    'a commit of other figures':
      "UPDATE commits SET added_records = 7 WHERE table_name = 'ticket' AND batch_id = 'batch-m'",
    'a unit that is said to be discarded':
      "UPDATE units SET state = 'discarded' WHERE source_id = 'helpdesk-n'",
    'a batch of another revision': 'UPDATE batches SET revision = 9',
    'a watermark that nobody moved': "UPDATE watermarks SET value = '2036-01-01T00:00:00Z'",
    'an object of another size': 'UPDATE objects SET size_bytes = size_bytes + 1',
    'a table that is gone': "DELETE FROM iceberg_tables WHERE table_name = 'ticket'",
    'a unit of other content': "UPDATE units SET source_fingerprint = 'ab' WHERE source_id = 'helpdesk-n'",
  };
  for (const [what, sql] of Object.entries(EDITS)) {
    it(`finds ${what}, and puts back what is sealed`, async () => {
      await using project = await deliveredProject();
      await edit(project, sql);
      const found = await verify(project);
      assert.equal(found.verdict, 'fail');
      assert.ok(kindsOf(found).some((kind) => /catalog_contradicts_evidence|anchor_dangling/.test(kind)));
      await type(project, 'tidemark catalog repair');
      const after = await verify(project);
      assert.deepEqual([after.symptoms, after.incidents?.resolved], [[], found.symptoms.length]);
    });
  }

  it('finds a table that was pointed to an older state', async () => {
    await using project = await deliveredProject();
    const before = await tablesAsSeen(homeOf(project));
    await edit(
      project,
      `UPDATE iceberg_tables SET metadata_location = previous_metadata_location WHERE table_name = 'ticket'`,
    );
    await isFoundAndMended(project, {
      kinds: ['catalog_contradicts_evidence'],
      subject: /points bronze.ticket/,
    });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('finds objects and receipts that it has lost', async () => {
    await using project = await deliveredProject();
    await edit(project, "DELETE FROM receipts WHERE source_id = 'helpdesk'");
    await edit(
      project,
      "DELETE FROM objects WHERE sha256 IN (SELECT sha256 FROM receipts WHERE source_id = 'helpdesk-n')",
    );
    await isFoundAndMended(project, { kinds: ['raw_object_missing', 'receipt_missing'] });
  });
});
