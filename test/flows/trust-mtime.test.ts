import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

/** One committed source, modified an hour before it was read, without a declared sum. */
async function committed(modified = AN_HOUR_AGO): Promise<SampleProject & { readonly source: string }> {
  const project = await sampleProject();
  const content = jsonLines([ticket(1), ticket(2)]);
  const { checksum_sha256: _, ...asset } = await project.asset({
    source_id: 'a',
    path: 'data/a.jsonl',
    content,
  });
  await project.manifest('m', { assets: [asset] });
  const source = join(project.root, 'data/a.jsonl');
  await utimes(source, modified, modified);
  assert.equal((await run(project, false)).report.state, 'committed');
  return { ...project, source };
}

/** A run, and how many bytes of sources it read. */
async function run(
  project: SampleProject,
  trustMtime: boolean,
): Promise<{ report: RunReport; bytesRead: number }> {
  let bytesRead = 0;
  await using tidemark = await openTidemark({
    project: project.root,
    onEvent: (event) => {
      if (event.kind === 'asset_progress' && event.stage === 'landing') bytesRead = event.bytes;
    },
  });
  const [report] = (await tidemark.run({ trustMtime })).runs;
  assert.ok(report);
  return { report, bytesRead };
}

describe('a second run', () => {
  it('reads a source that is as it was, once, for its sum', async () => {
    await using project = await committed();
    const { report, bytesRead } = await run(project, false);
    assert.equal(report.state, 'nothing_to_commit');
    assert.equal(bytesRead, (await stat(project.source)).size);
  });

  it('that trusts size, time and inode does not read it, and its evidence says so', async () => {
    await using project = await committed();
    const { report, bytesRead } = await run(project, true);
    assert.equal(report.state, 'nothing_to_commit');
    assert.equal(bytesRead, 0);
    const [asset] = report.assets;
    assert.deepEqual([asset?.outcome, asset?.reused], ['already_committed', 'remembered_sum']);
    assert.match(asset?.note ?? '', /^trusted by size, time and inode, not read; already committed by run /);
    const sealed = readFileSync(join(homeOf(project), report.evidenceDir, 'report.md'), 'utf8');
    assert.match(sealed, /trusted by size, time and inode, not read/);
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const [plan] = (await tidemark.plan({ trustMtime: true })).plans;
    assert.match(plan?.assets[0]?.why ?? '', /^trusted by size, time and inode, not read; already committed/);
  });

  for (const [change, of] of [
    [
      'another size',
      async (source: string) => await writeFile(source, jsonLines([ticket(1), ticket(2), ticket(3)])),
    ],
    ['another time', async (source: string) => await utimes(source, new Date(), new Date())],
    [
      'another inode',
      async (source: string) => {
        await writeFile(`${source}.new`, readFileSync(source));
        await utimes(`${source}.new`, AN_HOUR_AGO, AN_HOUR_AGO);
        await rename(`${source}.new`, source);
      },
    ],
  ] as const) {
    it(`that trusts reads a source of ${change}`, async () => {
      await using project = await committed();
      await of(project.source);
      await utimes(
        project.source,
        change === 'another time' ? new Date() : AN_HOUR_AGO,
        change === 'another time' ? new Date() : AN_HOUR_AGO,
      );
      assert.ok((await run(project, true)).bytesRead > 0);
    });
  }

  it('that trusts reads a source that was modified just before it was read: it could have been changed again unseen', async () => {
    await using project = await committed(new Date());
    const first = await run(project, true);
    assert.ok(first.bytesRead > 0);
    assert.equal(first.report.assets[0]?.reused, 'raw_object');
  });

  it('that trusts reads a source whose stored bytes are gone', async () => {
    await using project = await committed();
    await rm(join(homeOf(project), 'raw'), { recursive: true });
    const { report, bytesRead } = await run(project, true);
    assert.ok(bytesRead > 0);
    assert.equal(report.assets[0]?.outcome, 'already_committed');
  });
});
