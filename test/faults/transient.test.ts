import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('run-out-of-handles.ts', import.meta.url));

/** A process of its own, with few file handles to use up. */
async function runOutOfHandles(project: SampleProject, words: readonly string[] = []): Promise<RunReport> {
  await writeFile(
    join(project.root, 'tidemark.yaml'),
    'limits:\n  retryDelayMs: 1\n  sourceAttemptsMax: 3\n',
  );
  const command = 'ulimit -n 200; exec "$@"';
  const run = [process.execPath, script, project.root, ...words];
  const { stdout } = await execute('bash', ['-c', command, 'bash', ...run], { timeout: 60_000 });
  const [report] = JSON.parse(stdout) as RunReport[];
  assert.ok(report);
  return report;
}

async function oneSource(): Promise<SampleProject> {
  const project = await sampleProject();
  const content = jsonLines([ticket(1), ticket(2)]);
  await project.manifest('m', {
    assets: [await project.asset({ source_id: 'a', path: 'data/a.jsonl', content })],
  });
  return project;
}

describe('reading a source that stumbles', () => {
  it('is tried again, and the evidence tells of the attempt', async () => {
    await using project = await oneSource();
    const report = await runOutOfHandles(project, ['release']);
    assert.equal(report.state, 'committed');
    const [failed, ...others] = report.attempts;
    assert.deepEqual([failed?.sourceId, failed?.attempt, others.length], ['a', 1, 0]);
    assert.match(failed?.reason ?? '', /EMFILE/);
    const told = await readFile(join(homeOf(project), report.evidenceDir, 'report.md'), 'utf8');
    assert.match(told, /## Attempts that failed[\s\S]*EMFILE/);
  });

  it('is given up after a bounded number of attempts; the batch waits, and the next run takes it in', async () => {
    await using project = await oneSource();
    const report = await runOutOfHandles(project);
    assert.equal(report.state, 'failed');
    assert.deepEqual(
      report.attempts.map(({ attempt }) => attempt),
      [1, 2],
    );
    assert.match(report.assets[0]?.findings[0]?.message ?? '', /EMFILE/);
    const next = await runOnly(project);
    assert.deepEqual([next.state, next.attempts], ['committed', []]);
  });
});
