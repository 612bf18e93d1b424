import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const MIB = 1024 * 1024;

async function runWith(
  project: SampleProject,
  records: readonly Record<string, unknown>[],
): Promise<RunReport> {
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/long.jsonl',
    content: jsonLines(records),
  });
  await project.manifest('long', { assets: [asset] });
  await using tidemark = await openTidemark({ project: project.root });
  const { runs } = await tidemark.run({
    manifestPaths: [join(project.root, 'data/seed_manifests/long.json')],
  });
  assert.ok(runs[0]);
  return runs[0];
}

/** Description and number of tags of every ticket, by its id. */
async function ticketsOf(
  project: SampleProject,
): Promise<Map<unknown, { description: unknown; tags: number }>> {
  const { ticket: rows = [] } = await tablesAsSeen(join(project.root, '.tidemark'));
  return new Map(
    rows.map((row) => {
      const fields = Object.fromEntries(JSON.parse(row) as [string, unknown][]);
      const tags = (fields.tags as { items?: unknown[] } | null)?.items ?? [];
      return [fields.ticket_id, { description: fields.description, tags: tags.length }];
    }),
  );
}

describe('a record of many megabytes', () => {
  it('enters like any other, longer in scratch than in its file, and is found again as a duplicate', async () => {
    await using project = await sampleProject();
    const description = `${'x'.repeat(15 * MIB)}\u0001 ende`;
    const long = ticket(2, { description });
    const report = await runWith(project, [ticket(1), long, ticket(3), long]);
    assert.equal(report.failure, null);
    assert.equal(report.state, 'committed');
    assert.equal(report.reconciliation?.verdict, 'pass');
    const { accepted, duplicate, rejected } = report.recordTally;
    assert.deepEqual({ accepted, duplicate, rejected }, { accepted: 3, duplicate: 1, rejected: 0 });
    const tickets = await ticketsOf(project);
    assert.ok(tickets.get(long.ticket_id)?.description === description, 'the text is what it was');
  });

  it('enters though its list takes more memory than DuckDB was given', async () => {
    await using project = await sampleProject();
    await project.write('tidemark.yaml', `limits:\n  duckdbMemoryBytes: ${64 * MIB}\n`);
    const long = ticket(2, { tags: Array.from({ length: MIB }, () => '') });
    const report = await runWith(project, [ticket(1), long, ticket(3)]);
    assert.equal(report.failure, null);
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.equal((await ticketsOf(project)).get(long.ticket_id)?.tags, MIB);
  });
});
