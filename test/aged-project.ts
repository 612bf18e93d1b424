import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RunReport } from '../tidemark/src/evidence/run-report.ts';
import type { TablePlan } from '../tidemark/src/maintain/maintenance-plan.ts';
import { openTidemark } from '../tidemark/src/open-tidemark.ts';
import { configure } from '../tidemark/src/testing/configure.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../tidemark/src/testing/sample-project.ts';

/** How many batches a project is made of by default. */
export const BATCHES = 6;

/** A table that was written to batch by batch: every batch has a reject, and a duplicate of the one before. */
export async function agedProject({
  batches = BATCHES,
  settings = { maintenance: { automatic: false } },
}: {
  batches?: number;
  settings?: object;
} = {}): Promise<SampleProject> {
  const project = await sampleProject();
  const limits = {
    filesCompactMin: 2,
    snapshotsKeptMin: 1,
    snapshotsKeptMax: 2,
    snapshotAgeMs: 1,
    metadataFilesKept: 2,
    manifestsMergeMin: 50,
  };
  await configure(project, { ...settings, limits });
  for (let number = 1; number <= batches; number += 1) await runBatch(project, number);
  return project;
}

export async function runBatch(project: SampleProject, number: number): Promise<RunReport> {
  const lines = [
    ticket(number * 10),
    ticket(number * 10 + 1),
    ticket(number * 10 - 10),
    ticket(number * 10 + 2, { status: 'parked' }),
  ];
  const content = jsonLines(lines);
  const asset = await project.asset({ source_id: `desk-${number}`, path: `data/${number}.jsonl`, content });
  await project.manifest(`m${number}`, { assets: [asset] });
  await using tidemark = await openTidemark({ project: project.root });
  const { runs } = await tidemark.run({
    manifestPaths: [join(project.root, `data/seed_manifests/m${number}.json`)],
  });
  assert.equal(runs[0]?.state, 'committed', JSON.stringify(runs[0]?.failure));
  return runs[0];
}

export const tidemarkOf = async (project: SampleProject) => await openTidemark({ project: project.root });

/** Plans and executes; what was planned. */
export async function maintain(project: SampleProject): Promise<TablePlan[]> {
  await using tidemark = await tidemarkOf(project);
  const { planId, plan } = await tidemark.planMaintenance();
  const { tables } = await tidemark.executeMaintenance({ planId });
  assert.deepEqual(
    tables.map(({ kind, leaves }) => [kind, ...leaves]),
    tables.map(() => ['maintained']),
  );
  return [...plan.tables];
}
