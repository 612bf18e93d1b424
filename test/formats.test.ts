import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTidemark } from '../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../tidemark/src/testing/sample-project.ts';

const page = readFileSync(fileURLToPath(new URL('../docs/FORMATS.md', import.meta.url)), 'utf8');

async function ranOnce(): Promise<SampleProject> {
  const project = await sampleProject();
  const content = jsonLines([ticket(1), ticket(2), '{"broken']);
  await project.manifest('m', {
    assets: [await project.asset({ source_id: 'a', path: 'data/a.jsonl', content })],
  });
  await runOnly(project);
  return project;
}

/** What the program on the page prints; it knows nothing of our code. */
async function check(project: SampleProject): Promise<string> {
  const [, program = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
  const path = join(project.root, 'check.mjs');
  await writeFile(path, program);
  return execFileSync(process.execPath, [path, homeOf(project)], { encoding: 'utf8' });
}

describe('the formats page', () => {
  it('has a program that agrees with what was written, and names what is not as it was', async () => {
    await using project = await ranOnce();
    const { chains } = await statusOf(project);
    assert.equal(await check(project), `as it should be; heads: ${chains[0]?.hash}\n`);

    const raw = join(homeOf(project), 'raw/sha256');
    const [object = ''] = (await readdir(raw, { recursive: true })).filter((name) => name.length > 60);
    await writeFile(join(raw, object), 'other bytes');
    const database = new DatabaseSync(join(homeOf(project), 'catalog.db'));
    database.exec("UPDATE evidence SET body = body || ' ' WHERE kind = 'run'");
    database.exec("UPDATE units SET window = 'other'");
    database.close();
    const told = await check(project);
    assert.match(told, new RegExp(object.slice(3)));
    assert.match(told, /manifest-m-20260401-001 1\n/);
    assert.match(told, /unit [0-9a-f]{64}/);
  });

  it('says how a record and a broken line get their fingerprints', async () => {
    await using project = await ranOnce();
    const { ticket: rows = [], rejects = [] } = await tablesAsSeen(homeOf(project));
    const { source_id: _, ingest_batch_id: __, ...record } = ticket(1);
    // Its keys are ASCII and its numbers and strings plain, so that sorting the keys is the canonical form.
    const canonical = JSON.stringify(Object.fromEntries(Object.entries(record).sort()));
    const sha256 = (data: string) => createHash('sha256').update(data).digest('hex').slice(0, 32);
    assert.ok(rows.some((row) => row.includes(sha256(canonical))));
    assert.ok(rejects[0]?.includes(sha256('tidemark:malformed-line:1\0{"broken')));
  });

  it('names every system column and zone that there is', async () => {
    await using project = await ranOnce();
    const { ticket: [row = '[]'] = [] } = await tablesAsSeen(homeOf(project));
    const columns = (JSON.parse(row) as [string, unknown][]).map(([name]) => name);
    const own = columns.slice(0, columns.indexOf('unit_key') + 1);
    assert.ok(own.length >= 8, own.join());
    assert.deepEqual(
      own.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
    for (const name of await readdir(homeOf(project))) {
      if (/^catalog\.db-|^landing$|^scratch$/.test(name)) continue;
      assert.match(page, new RegExp(`\`${name}[/\`]`), name);
    }
  });
});

async function statusOf(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  return await tidemark.status();
}
