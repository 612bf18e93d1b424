import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RejectRow } from '../evidence/rejects.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { ManifestAsset } from '../manifest/source-manifest.ts';
import { openTidemark } from '../open-tidemark.ts';
import { tablesAsSeen } from './read-tables.ts';
import { homeOf, runOnly } from './run-project.ts';
import type { SampleProject } from './sample-project.ts';

/** Says `text` in the project's `tidemark.yaml`, beside where its catalog and its store are. */
export async function configure(project: SampleProject, text: string): Promise<void> {
  const before = await readFile(join(project.root, 'tidemark.yaml'), 'utf8').catch(() => '');
  const services = Object.entries((parse(before) ?? {}) as object).filter(([name]) =>
    ['catalog', 'store'].includes(name),
  );
  const settings = { ...Object.fromEntries(services), ...((parse(text) ?? {}) as object) };
  await project.write('tidemark.yaml', JSON.stringify(settings));
}

/** Declares one source of records whose sum is not declared, and runs it. */
export async function runSource(
  project: SampleProject,
  { path, content, ...entry }: { path: string; content: string | Uint8Array } & Partial<ManifestAsset>,
): Promise<RunReport> {
  const asset = await project.asset({ source_id: 'helpdesk', path, content, ...entry });
  await project.manifest('m', { assets: [asset] });
  return await runOnly(project);
}

export async function rejectsOf(project: SampleProject): Promise<RejectRow[]> {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  return await Array.fromAsync(tidemark.rejects({ withPayload: true }));
}

/** Nothing contradicts anything, and the stored bytes come to the same again; rows as they are in the tables. */
export async function isProven(project: SampleProject): Promise<Record<string, string[]>> {
  await using tidemark = await openTidemark({ project: project.root });
  const { symptoms, verdict } = await tidemark.verify();
  assert.deepEqual(symptoms, []);
  assert.equal(verdict, 'pass');
  const { plan } = await tidemark.planRecovery({
    verb: 'replay',
    manifestId: 'manifest-m-20260401-001',
    batchId: 'batch-m',
    reason: 'a test',
  });
  for (const { action, why } of plan.sources) assert.equal(action, 'keep', why);
  return await tablesAsSeen(homeOf(project));
}
