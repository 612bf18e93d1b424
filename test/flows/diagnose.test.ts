import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { Diagnosis } from '../../tidemark/src/recovery/diagnosis.ts';
import { alter } from '../../tidemark/src/testing/durables-of.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { shell, typed } from '../../tidemark/src/testing/type-command.ts';

async function diagnose(project: SampleProject, target?: string): Promise<Diagnosis> {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const diagnosis = await tidemark.diagnose(target);
  assert.ok(diagnosis);
  assert.deepEqual(
    diagnosis.steps.map(({ step }) => step),
    ['manifest', 'run', 'progress', 'coverage', 'class'],
  );
  return diagnosis;
}

const wrongSteps = ({ steps }: Diagnosis) =>
  steps.filter(({ verdict }) => verdict === 'wrong').map(({ step }) => step);

const told = ({ steps }: Diagnosis, step: string) =>
  steps.find((entry) => entry.step === step)?.told.join('\n') ?? '';

/** Two manifests; the source of the second does not come. */
async function twoProjects({ missing }: { missing: boolean }): Promise<SampleProject> {
  const project = await sampleProject();
  for (const [name, number] of [
    ['m', 1],
    ['n', 2],
  ] as const) {
    const asset = await project.asset({
      source_id: `desk-${name}`,
      path: `data/${name}.jsonl`,
      content: jsonLines([ticket(number), ticket(number + 10)]),
    });
    await project.manifest(name, { assets: [asset] });
  }
  if (missing) await rename(join(project.root, 'data/n.jsonl'), join(project.root, 'data/away.jsonl'));
  await runProject(project);
  return project;
}

describe('a diagnosis', () => {
  it('without a target is that of what is most urgent, and ends with the command that recover names', async () => {
    await using project = await twoProjects({ missing: true });
    const diagnosis = await diagnose(project);
    assert.equal(diagnosis.batch?.batchId, 'batch-n');
    assert.deepEqual(wrongSteps(diagnosis), ['run', 'coverage', 'class']);
    assert.match(
      told(diagnosis, 'coverage'),
      /1 declared, 0 received, 0 committed, 1 missing\n.*source_missing/,
    );
    assert.equal(diagnosis.class, 'gap');
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const [advised] = await tidemark.advise({ batchId: 'batch-n' });
    assert.equal(diagnosis.next, advised?.next);
    assert.match(diagnosis.next ?? '', /^tidemark retry /);
  });

  it('is the same by run, beginning of a run, batch, manifest, source and incident', async () => {
    await using project = await twoProjects({ missing: true });
    const whole = await diagnose(project);
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { answers } = await tidemark.status();
    const runId = answers?.run.runId ?? '';
    for (const name of [
      runId,
      runId.slice(0, 24),
      'batch-n',
      'manifest-n-20260401-001',
      'desk-n',
      whole.incident ?? '',
      whole.incident?.slice(0, 8),
    ])
      assert.deepEqual(await diagnose(project, name), whole, name);
    const unknown = await typed(project, 'tidemark diagnose nobody');
    assert.equal(unknown.exit, 2);
    assert.match(unknown.stderr, /no run, batch, manifest, source or incident/);
  });

  it('of a batch that is well finds nothing, with its figures', async () => {
    await using project = await twoProjects({ missing: true });
    const diagnosis = await diagnose(project, 'batch-m');
    assert.deepEqual(wrongSteps(diagnosis), []);
    assert.deepEqual([diagnosis.class, diagnosis.incident, diagnosis.next], [null, null, null]);
    assert.match(told(diagnosis, 'progress'), /desk-m: checkpoint at 2 records, watermark 2026-04-01/);
    assert.match(await shell(project, 'tidemark diagnose batch-m'), /✓ nothing is wrong with it/);
  });

  it('tells of a manifest that is another by now, is refused or gone', async () => {
    await using project = await twoProjects({ missing: false });
    const path = join(project.root, 'data/seed_manifests/m.json');
    await project.manifest('m', {
      assets: [
        await project.asset({ source_id: 'desk-m', path: 'data/m.jsonl', content: jsonLines([ticket(5)]) }),
      ],
    });
    assert.match(told(await diagnose(project, 'batch-m'), 'manifest'), /another by now/);
    await writeFile(path, '{');
    assert.deepEqual(wrongSteps(await diagnose(project, 'batch-m')), ['manifest']);
    await rm(path);
    assert.match(told(await diagnose(project, 'batch-m'), 'manifest'), /not there any more/);
  });

  it('of a batch that waits while its manifest is refused names what to mend; status and recover go on as well', async () => {
    await using project = await twoProjects({ missing: true });
    await writeFile(join(project.root, 'data/seed_manifests/n.json'), '{');
    const diagnosis = await diagnose(project, 'batch-n');
    assert.equal(diagnosis.next, 'tidemark check --manifest-path data/seed_manifests/n.json');
    for (const verb of ['status', 'recover'])
      assert.match(
        (await typed(project, `tidemark ${verb}`)).stdout,
        /check --manifest-path data\/seed_manifests\/n.json/,
      );
  });

  it('of an incident that is about no batch says so, and what mends it', async () => {
    await using project = await twoProjects({ missing: false });
    await alter(homeOf(project), 'raw/note.txt', () => Buffer.from('x'));
    await typed(project, 'tidemark verify --quick');
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const [incident] = (await tidemark.incidents()).incidents;
    const diagnosis = await diagnose(project, incident?.key);
    assert.deepEqual([diagnosis.batch, diagnosis.class], [null, 'no_traceability']);
    assert.equal(diagnosis.next, incident?.suggestion);
  });

  it('like status, recover, incidents and show opens no data file and no engine', async () => {
    await using project = await twoProjects({ missing: true });
    const script = fileURLToPath(new URL('ask-recording-opens.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, project.root]);
    const asked = JSON.parse(stdout) as { told: number[]; opened: string[]; engines: string[] };
    assert.ok(asked.told.every((stories) => stories > 0));
    assert.ok(
      asked.opened.some((path) => path.endsWith('.metadata.json')),
      'what is opened is recorded',
    );
    const forbidden = asked.opened
      .filter((path) => path.startsWith(project.root))
      .filter((path) => /\.parquet$|\/raw\/|\/quarantine\/|\.jsonl$/.test(path));
    assert.deepEqual([forbidden, asked.engines], [[], []]);
  });
});

it('a project where nothing ever ran has no diagnosis, and says what to do', async () => {
  await using project = await sampleProject();
  assert.match(
    await shell(project, 'tidemark diagnose'),
    /Nothing was ever run here\.\nnext: npx tidemark plan/,
  );
});
