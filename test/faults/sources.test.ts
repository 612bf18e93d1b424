import assert from 'node:assert/strict';
import { appendFile, chmod, chown, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { runAsNobody } from './run-as-nobody.ts';

const tickets = jsonLines([ticket(1), ticket(2), ticket(3)]);

describe('a source that is not what its manifest says', () => {
  it('is refused with both values when its sum differs, and the batch commits around it', async () => {
    await using project = await sampleProject();
    const good = await project.asset({ source_id: 'good', path: 'data/good.jsonl', content: tickets });
    const bad = await project.asset({
      source_id: 'bad',
      path: 'data/bad.jsonl',
      content: jsonLines([ticket(4)]),
    });
    const declared = 'a'.repeat(64);
    await project.manifest('m', { assets: [good, { ...bad, checksum_sha256: declared }] });
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(
      report.assets.map((asset) => asset.outcome),
      ['committed', 'refused'],
    );
    const [finding] = report.assets[1]?.findings ?? [];
    assert.equal(finding?.rule, 'checksum_mismatch');
    assert.equal(finding?.expected, declared);
    assert.equal(finding?.received, bad.checksum_sha256);
    const seen = await tablesAsSeen(homeOf(project));
    assert.equal(seen.ticket?.length, 3);
    assert.equal(seen.quarantine?.length, 1);
    assert.match(seen.quarantine?.[0] ?? '', new RegExp(`quarantine/sha256/../${bad.checksum_sha256}`));
  });

  it('is refused with both values when its size differs', async () => {
    await using project = await sampleProject();
    const asset = await project.asset({ source_id: 'short', path: 'data/short.jsonl', content: tickets });
    await project.manifest('m', { assets: [{ ...asset, size_bytes: 7, checksum_sha256: null }] });
    const report = await runOnly(project);
    assert.equal(report.assets[0]?.outcome, 'refused');
    assert.deepEqual(
      report.assets[0]?.findings.map(({ rule, expected, received }) => [rule, expected, received]),
      [['size_mismatch', '7 bytes', `${Buffer.byteLength(tickets)} bytes`]],
    );
  });

  it('comes in with its next run once the manifest is mended', async () => {
    await using project = await sampleProject();
    const asset = await project.asset({ source_id: 'late', path: 'data/late.jsonl', content: tickets });
    await project.manifest('m', { assets: [{ ...asset, size_bytes: 7 }] });
    await runOnly(project);
    await project.manifest('m', { assets: [asset] });
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3);
  });
});

describe('a source that cannot be read', () => {
  it('blocks its batch when it is missing; what was prepared is used by the run that finds it', async () => {
    await using project = await sampleProject();
    const first = await project.asset({ source_id: 'first', path: 'data/first.jsonl', content: tickets });
    const missing = await project.asset({
      source_id: 'missing',
      path: 'data/missing.jsonl',
      content: jsonLines([ticket(9)]),
    });
    await project.manifest('m', { assets: [first, missing] });
    await rm(join(project.root, 'data/missing.jsonl'));

    const blocked = await runOnly(project);
    assert.equal(blocked.state, 'failed');
    assert.equal(blocked.failure?.code, 'TM7004');
    assert.equal(blocked.assets[1]?.findings[0]?.rule, 'source_missing');
    assert.match(
      blocked.assets[1]?.findings[0]?.message ?? '',
      /TM2002 .*data\/missing\.jsonl does not exist/,
    );
    assert.equal(blocked.assetTally.failed, 2);
    assert.deepEqual(await heads(homeOf(project)), {});

    await project.write('data/missing.jsonl', jsonLines([ticket(9)]));
    const mended = await runOnly(project);
    assert.equal(mended.state, 'committed');
    assert.equal(mended.retryOf, blocked.runId);
    assert.equal(mended.assets[0]?.reused, 'prepared_unit');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 4);
  });

  it('blocks its batch when it changes while it is read', async () => {
    await using project = await sampleProject();
    await project.write('tidemark.yaml', 'limits:\n  chunkBytes: 64\n');
    const asset = await project.asset({ source_id: 'growing', path: 'data/growing.jsonl', content: tickets });
    await project.manifest('m', { assets: [{ ...asset, size_bytes: null, checksum_sha256: null }] });
    let grown: Promise<void> | null = null;
    const report = await runOnly(project, {
      onEvent: (event) => {
        if (event.kind === 'asset_progress')
          grown ??= appendFile(join(project.root, 'data/growing.jsonl'), '{}\n');
      },
    });
    await grown;
    assert.equal(report.assets[0]?.outcome, 'failed');
    assert.equal(report.assets[0]?.findings[0]?.rule, 'source_changed');
    assert.deepEqual(await heads(homeOf(project)), {});
    assert.equal((await runOnly(project)).state, 'committed');
  });

  it('blocks its batch when its folder may not be entered', async (t) => {
    await using project = await sampleProject();
    const asset = await project.asset({ source_id: 'locked', path: 'data/locked/t.jsonl', content: tickets });
    await project.manifest('m', { assets: [asset] });
    await chmod(project.root, 0o777);
    if (process.getuid?.() === 0) await chown(join(project.root, 'data/locked'), 0, 0);
    await chmod(join(project.root, 'data/locked'), 0o000);
    const outcome = await runAsNobody(project.root);
    await chmod(join(project.root, 'data/locked'), 0o755);
    if (outcome.kind === 'impossible') return t.skip(outcome.reason);
    const [report] = outcome.runs;
    assert.equal(report?.state, 'failed');
    assert.equal(report?.assets[0]?.findings[0]?.rule, 'source_unreadable');
    assert.match(report?.assets[0]?.findings[0]?.message ?? '', /TM2002 .*EACCES/);
    assert.match(report?.assets[0]?.next ?? '', /permissions, then run the same command again/);
  });

  it('is perceived and names the connector when it is a URL', async () => {
    await using project = await sampleProject();
    const asset = await project.asset({ source_id: 'remote', path: 'data/x.jsonl', content: tickets });
    await project.manifest('m', { assets: [{ ...asset, source_url_or_path: 'gs://bucket/tickets.jsonl' }] });
    const report = await runOnly(project);
    assert.match(report.assets[0]?.findings[0]?.message ?? '', /TM2004 .*needs the gs connector/);
  });
});

describe('a source outside the project', () => {
  for (const [how, path] of [
    ['by ..', '../outside.jsonl'],
    ['by an absolute path', '/etc/hostname'],
    ['by a link', 'data/link.jsonl'],
  ] as const) {
    it(`is refused without being read when it leads out ${how}`, async () => {
      await using project = await sampleProject();
      const asset = await project.asset({ source_id: 'out', path: 'data/in.jsonl', content: tickets });
      await symlink('/etc/hostname', join(project.root, 'data/link.jsonl'));
      await project.manifest('m', { assets: [{ ...asset, source_url_or_path: path }] });
      const report = await runOnly(project);
      assert.equal(report.assets[0]?.outcome, 'refused');
      assert.equal(report.assets[0]?.findings[0]?.rule, 'source_outside_root');
      assert.equal(report.assets[0]?.sourceFingerprint, null);
    });
  }
});
