import assert from 'node:assert/strict';
import { appendFile, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tablesAsSeen } from '../tidemark/src/testing/read-tables.ts';
import { describeRowSource } from '../tidemark/src/testing/row-source-conformance.ts';
import { homeOf, runOnly } from '../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../tidemark/src/testing/sample-project.ts';
import { tempFolder } from '../tidemark/src/testing/temp-folder.ts';
import { typed } from '../tidemark/src/testing/type-command.ts';
import bookings from './own-source.ts';

const EXAMPLE = fileURLToPath(new URL('own-source.ts', import.meta.url));

describeRowSource('the example', async () => {
  const folder = await tempFolder();
  const file = await folder.write('bookings.log', '');
  return {
    insert: async (rows) => {
      const at = (value: string | bigint | null) =>
        typeof value === 'bigint' ? String(value) : JSON.stringify(value);
      await appendFile(file, rows.map((row) => `{"id":${row.id},"at":${at(row.at)}}\n`).join(''));
    },
    open: async (wanted) => await bookings.open({ ...wanted, parameters: { file } }),
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
});

/** Tickets that a source of the project's own gives, read from the cursor on. */
async function ownSource(module = EXAMPLE): Promise<SampleProject & { readonly log: string }> {
  const project = await sampleProject();
  const log = join(project.root, 'tickets.log');
  await project.write('tidemark.yaml', `sources: { bookings: ${JSON.stringify(module)} }\n`);
  await writeFile(log, jsonLines([ticket(1), ticket(3)]));
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'created_at', cursor_start: '2026-04-01T00:00:00Z' },
    assets: [
      {
        source_id: 'desk',
        source_url_or_path: `module:bookings?file=${encodeURIComponent(log)}`,
        asset_type: 'jsonl',
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
  });
  return { ...project, log };
}

describe('a source of the project’s own', () => {
  it('is read from its cursor on, and a run that finds nothing new commits nothing', async () => {
    await using project = await ownSource();
    assert.equal((await runOnly(project)).recordTally.accepted, 2);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    await appendFile(project.log, jsonLines([ticket(4), ticket(5)]));
    const report = await runOnly(project);
    assert.deepEqual([report.recordTally.accepted, report.recordTally.duplicate], [2, 1]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 4);
  });

  it('that fails says what it threw, keeps the batch from being committed, and comes in once it is mended', async () => {
    await using project = await ownSource();
    await copyFile(project.log, `${project.log}.away`);
    await writeFile(project.log, 'no JSON\n');
    const { exit, stdout } = await typed(project, 'tidemark run');
    assert.equal(exit, 4);
    assert.match(stdout, /TM4753.*module:bookings failed: .*JSON/s);
    await copyFile(`${project.log}.away`, project.log);
    assert.equal((await runOnly(project)).recordTally.accepted, 2);
  });

  it('is told apart from one that is not declared, cannot be loaded, or is none', async () => {
    for (const [module, why] of [
      ['./nowhere.ts', /cannot be loaded: Cannot find module/],
      ['./contracts/none.mjs', /has no default export with a method open/],
    ] as const) {
      await using project = await ownSource(module);
      await project.write('contracts/none.mjs', 'export const open = 1;\n');
      const { stdout } = await typed(project, 'tidemark doctor');
      assert.match(stdout, /modules +TM4752 module:bookings cannot be used/);
      const report = await runOnly(project);
      assert.match(JSON.stringify(report.assets[0]), /TM4752/);
      assert.match(JSON.stringify(report.assets[0]), why);
    }
    await using project = await ownSource();
    await project.write('tidemark.yaml', 'sources: { others: ./x.ts }\n');
    assert.match(JSON.stringify(await runOnly(project)), /has no source bookings; it has others/);
  });
});
