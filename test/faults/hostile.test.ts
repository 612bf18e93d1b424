import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rename, rm, stat as statOf, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ManifestAsset } from '../../tidemark/src/manifest/source-manifest.ts';
import { fileStat, locateSource, standsAt } from '../../tidemark/src/source/file/locate-source.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  sampleProjectAt,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';
import { tempFolder } from '../../tidemark/src/testing/temp-folder.ts';

const SECRET = 'not-for-the-lake';

const asset = (source: string, fields: Partial<ManifestAsset> = {}): ManifestAsset => ({
  source_id: 'a',
  source_url_or_path: source,
  asset_type: 'jsonl',
  metadata_status: 'complete',
  pii_scan_status: 'clear',
  ...fields,
});

/** Whether any file that Tidemark keeps of a project holds a text. */
async function keeps(project: SampleProject, text: string): Promise<boolean> {
  const entries = await readdir(homeOf(project), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((path) => readFile(path)))).some((bytes) => bytes.includes(text));
}

describe('what a manifest names outside the project', () => {
  for (const [how, declared] of [
    ['as a file', asset('data/link.jsonl')],
    ['as a folder', asset('data/folder-link')],
    ['as a file in a folder', asset('data/folder')],
    ['as a database', asset('sqlite:data/link.db?table=tickets')],
    ['as a database above the project', asset('sqlite:../outside.db?table=tickets')],
    ['as a database at an absolute path', asset('sqlite:/etc/hostname?table=tickets')],
    ['as a sidecar', asset('data/own.jsonl', { transcript_object_path: 'data/link.jsonl' })],
    ['as a sidecar above the project', asset('data/own.jsonl', { ocr_text_path: '../outside.txt' })],
    ['by a path that goes out and in again', asset('data/../../outside.txt')],
  ] as const) {
    it(`is never read: ${how}`, async () => {
      await using outside = await tempFolder();
      await using project = await sampleProject();
      const secret = await outside.write('s.jsonl', jsonLines([ticket(1, { subject: SECRET })]));
      await project.write('data/own.jsonl', jsonLines([ticket(2)]));
      await project.write('data/folder/in.jsonl', jsonLines([ticket(3)]));
      await symlink(secret, join(project.root, 'data/link.jsonl'));
      await symlink(secret, join(project.root, 'data/link.db'));
      await symlink(secret, join(project.root, 'data/folder/out.jsonl'));
      await symlink(outside.path, join(project.root, 'data/folder-link'));
      await project.manifest('m', { assets: [declared] });
      const report = await runOnly(project);
      const [found] = report.assets;
      assert.equal(found?.outcome, 'refused');
      assert.match(found?.findings[0]?.message ?? '', /TM2001 .* leads out of the project root/);
      assert.equal(await keeps(project, SECRET), false);
    });
  }

  it('is not taken for a file that stood there a moment before', async () => {
    await using outside = await tempFolder();
    await using project = await sampleProject();
    const secret = await outside.write('s.jsonl', SECRET);
    await project.write('data/drop/a.jsonl', 'own');
    const located = await locateSource({ root: project.root, declared: 'data/drop/a.jsonl' });
    assert.ok(located.kind === 'file');
    const { path, stat } = located;
    assert.equal(await standsAt(path, stat), true);
    await rm(path);
    await symlink(secret, path);
    assert.equal(await standsAt(path, stat), false);
    // What was read through the link is not what stands there once it is taken away again.
    const throughLink = fileStat(await statOf(path, { bigint: true }));
    assert.equal(await standsAt(path, throughLink), false);
    await rm(path);
    await writeFile(path, 'own again');
    assert.equal(await standsAt(path, throughLink), false);
    // Nor where a folder on the way became the link.
    await rename(join(project.root, 'data/drop'), join(project.root, 'data/kept'));
    await writeFile(join(outside.path, 'a.jsonl'), SECRET);
    await symlink(outside.path, join(project.root, 'data/drop'));
    assert.equal(await standsAt(path, fileStat(await statOf(path, { bigint: true }))), false);
  });
});

describe('a pipe or a device', { timeout: 60_000 }, () => {
  it('is never waited for, whatever it is declared to be', async () => {
    await using project = await sampleProject();
    await project.write('data/own.jsonl', jsonLines([ticket(1)]));
    execFileSync('mkfifo', [join(project.root, 'data/pipe')]);
    execFileSync('mkfifo', [join(project.root, 'contracts/data/pipe.json')]);
    await symlink('/dev/zero', join(project.root, 'contracts/data/zero.json'));
    await project.manifest('m', {
      assets: [
        asset('data/pipe'),
        asset('sqlite:data/pipe?table=t', { source_id: 'b' }),
        asset('data/own.jsonl', { source_id: 'c', transcript_object_path: 'data/pipe' }),
      ],
    });
    const report = await runOnly(project);
    assert.deepEqual(
      report.assets.map(({ findings }) => findings[0]?.message.replace(/ cannot.*: /, ': ')),
      Array(3).fill('TM2002 data/pipe: it is not a regular file.'),
    );
  });
});

describe('a name that is a piece of SQL', () => {
  const NAME = `x"; DROP TABLE keep; --'`;

  it('is a table’s name and no more', async () => {
    await using project = await sampleProject();
    const database = await openDatabase(project, 'data/desk.db');
    database.exec('CREATE TABLE keep (a)');
    database.exec(`CREATE TABLE "${NAME.replaceAll('"', '""')}" (ticket_id, "owner""; DROP TABLE keep; --")`);
    database.exec(`INSERT INTO "${NAME.replaceAll('"', '""')}" VALUES ('a', 'b')`);
    await project.manifest('m', {
      assets: [asset(`sqlite:data/desk.db?${new URLSearchParams({ table: NAME })}`)],
    });
    const report = await runOnly(project);
    assert.deepEqual([report.recordTally.read, report.recordTally.rejected], [1, 1]);
    assert.equal(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'keep'").get()?.n, 1);
    database.close();
  });

  it('is the name of a column, a source, a batch, a partition and a folder, and nothing is lost', async () => {
    await using folder = await tempFolder();
    await using project = await sampleProjectAt(
      join(folder.path, `it's "here"; DROP TABLE x`, 'hostile-names'),
    );
    const contract = JSON.parse(await readFile(join(project.root, 'contracts/data/ticket.json'), 'utf8'));
    contract.properties[NAME] = { type: 'string' };
    contract.properties["o'clock"] = { type: 'integer' };
    await project.write('contracts/data/ticket.json', JSON.stringify(contract));
    await configure(project, { tables: { ticket: { partition_by: [NAME] } } });
    await project.write(
      'data/a.jsonl',
      jsonLines([ticket(1, { [NAME]: `'); DROP TABLE x; --`, "o'clock": 7 })]),
    );
    await project.manifest('m', {
      batch_id: `b'; DROP TABLE units; --`,
      assets: [asset('data/a.jsonl', { source_id: `s'; DROP TABLE units; --` })],
    });
    const report = await runOnly(project);
    assert.equal(report.state, 'committed', report.failure?.message);
    const [row] = (await tablesAsSeen(homeOf(project))).ticket ?? [];
    const { [NAME]: text, "o'clock": number } = Object.fromEntries(JSON.parse(row ?? '[]'));
    assert.deepEqual([text, number], [`'); DROP TABLE x; --`, '7n']);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
  });

  it('is a cursor’s column, and no row is passed over', async () => {
    await using project = await sampleProject();
    const contract = JSON.parse(await readFile(join(project.root, 'contracts/data/ticket.json'), 'utf8'));
    contract.properties[NAME] = { type: 'integer' };
    await project.write('contracts/data/ticket.json', JSON.stringify(contract));
    const database = await openDatabase(project, 'data/desk.db');
    const columns = Object.keys(ticket(1)).map((name) => `"${name}" ${name === 'tags' ? 'JSON' : ''}`);
    database.exec(`CREATE TABLE t (${columns.join(', ')}, "${NAME.replaceAll('"', '""')}")`);
    insertRows(database, 't', [ticket(1), ticket(2)]);
    database.exec(`UPDATE t SET "${NAME.replaceAll('"', '""')}" = rowid`);
    database.close();
    await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: NAME, cursor_start: '1' },
      assets: [asset('sqlite:data/desk.db?table=t')],
    });
    const report = await runOnly(project);
    assert.deepEqual([report.state, report.recordTally.accepted], ['committed', 2]);
  });
});

describe('characters that act on a terminal', () => {
  it('are spelt out in the report of a run, wherever they stand', async () => {
    await using project = await sampleProject();
    await project.write('data/a.jsonl', jsonLines([ticket(1)]));
    await project.manifest('m', {
      batch_id: 'b\u001b[2J',
      assets: [
        asset('data/a.jsonl', { source_id: 'a\u001b]0;title\u0007\u202e' }),
        asset('http://\u001b[31m/', { source_id: 'b' }),
      ],
    });
    const report = await runOnly(project);
    const text = await readFile(join(homeOf(project), report.evidenceDir, 'report.md'), 'utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    assert.match(text, /a\\u\{1b\}\]0;title\\u\{7\}\\u\{202e\}/);
  });
});
