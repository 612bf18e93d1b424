import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

async function deliver(project: SampleProject, batch: string, records: Record<string, unknown>[]) {
  const asset = await project.asset({
    source_id: 'desk',
    path: `data/${batch}.jsonl`,
    content: jsonLines(records),
  });
  await project.manifest('m', { batch_id: batch, assets: [asset] });
  await runOnly(project);
}

async function openDrifts(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root });
  const { incidents } = await tidemark.incidents({ limit: 10 });
  return incidents.filter(({ kind }) => kind === 'schema_drift');
}

const tickets = (from: number, fields: Record<string, unknown> = {}) =>
  Array.from({ length: 30 }, (_, at) => ticket(from + at, fields));

describe('records that become others in kind', () => {
  it('are found by the run that takes them in, classified, and mended by the replay it names once the contract allows them', async () => {
    await using project = await sampleProject();
    await deliver(project, 'one', tickets(1));
    assert.deepEqual(await openDrifts(project), []);

    await deliver(project, 'two', [...tickets(100).slice(0, 25), ...tickets(200, { channel: 'chat' })]);
    const [drift, ...others] = await openDrifts(project);
    assert.deepEqual(others, []);
    assert.match(
      drift?.message ?? '',
      /in batch two .* than in one \(additive: \/channel is new, a string in 30 records\)/,
    );
    assert.match(drift?.suggestion ?? '', /^tidemark replay .*--batch-id two$/);

    const path = join(project.root, 'contracts/data/ticket.json');
    const contract = JSON.parse(await readFile(path, 'utf8'));
    contract.properties.channel = { type: 'string' };
    await writeFile(path, JSON.stringify(contract));
    await using tidemark = await openTidemark({ project: project.root });
    const of = {
      verb: 'replay',
      manifestId: 'manifest-m-20260401-001',
      reason: 'the contract names it',
    } as const;
    for (const batchId of ['two', 'one']) {
      const { planId } = await tidemark.planRecovery({ ...of, batchId });
      await tidemark.executePlan({ planId, verb: 'replay' });
    }
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 85);
    const report = await tidemark.verify();
    assert.deepEqual([report.verdict, report.symptoms], ['pass', []]);
    assert.deepEqual(await openDrifts(project), []);
  });

  it('are found when a property is in none of them any more', async () => {
    await using project = await sampleProject();
    await deliver(project, 'one', tickets(1));
    await deliver(
      project,
      'two',
      tickets(100).map(({ subject: _, ...rest }) => rest),
    );
    const [drift] = await openDrifts(project);
    assert.match(drift?.message ?? '', /\(removal: \/subject is in no record any more\)/);
    assert.match(drift?.suggestion ?? '', /^tidemark rerun /);
  });
});
