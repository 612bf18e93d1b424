import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { tempFolder } from '../../tidemark/src/testing/temp-folder.ts';

const TAP = fileURLToPath(new URL('../../tidemark/src/testing/desk-tap.ts', import.meta.url));
const SECRET = 's3cret-of-the-desk';
process.env.TIDEMARK_TEST_DESK = SECRET;

const SOURCE = {
  source_id: 'desk',
  source_url_or_path: 'singer:desk?stream=tickets',
  asset_type: 'jsonl',
  metadata_status: 'complete',
  pii_scan_status: 'clear',
} as const;

const day = (of: number) => `2026-04-${String(of).padStart(2, '0')}T00:00:00Z`;
const changed = (number: number, on: number) => ticket(number, { updated_at: day(on) });

async function deskProject({
  config = {},
  limits = {},
  ...manifest
}: {
  config?: object;
  limits?: Record<string, number>;
} & Partial<SourceManifest> = {}): Promise<SampleProject> {
  const project = await sampleProject();
  const settings = {
    limits: { lineBytesMax: 50_000, ...limits },
    singer: {
      desk: {
        command: [process.execPath, TAP],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
        config: { token: '${env:TIDEMARK_TEST_DESK}', ...config },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
        env: { DESK: 'desk-${env:TIDEMARK_TEST_DESK}' },
      },
    },
  };
  await configure(project, settings);
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
    assets: [SOURCE],
    ...manifest,
  });
  return project;
}

const put = (project: SampleProject, rows: readonly Record<string, unknown>[]) =>
  project.write('rows.json', jsonLines(rows));

/** What the tap was asked each time that it ran. */
async function asked(project: SampleProject) {
  const text = await readFile(join(project.root, 'asked.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const states = async (project: SampleProject) =>
  (await asked(project)).map(({ state }) => state.since ?? null);
const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];

async function raw(project: SampleProject): Promise<string[]> {
  const entries = await readdir(join(homeOf(project), 'raw'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'utf8')));
}

/** Waits until a process has ended; one that nobody has reaped yet has. */
async function gone(pid: number): Promise<void> {
  const stat = () => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  while (!(await stat()).includes(') Z')) await new Promise(setImmediate);
}

function why(report: RunReport): string {
  assert.equal(report.state, 'failed');
  return report.assets[0]?.findings[0]?.message ?? '';
}

describe('a stream of a Singer tap', () => {
  it('is read from the state that was committed with the rows before it', async () => {
    await using project = await deskProject();
    await put(project, [changed(1, 1), changed(2, 2)]);
    const first = await runOnly(project);
    assert.deepEqual([first.state, first.recordTally.accepted], ['committed', 2]);
    await put(project, [changed(1, 1), changed(2, 2), changed(3, 3)]);
    const second = await runOnly(project);
    // The row at the state comes once more, as taps send it.
    assert.deepEqual([second.recordTally.accepted, second.recordTally.duplicate], [1, 1]);
    const third = await runOnly(project);
    assert.deepEqual([third.state, third.recordTally.duplicate], ['nothing_to_commit', 0]);
    assert.match(third.assets[0]?.note ?? '', /1 record read again at the boundary/);
    assert.deepEqual(await states(project), [null, day(2), day(3)]);
    assert.equal((await rows(project)).length, 3);
  });

  it('has its state moved by a reading without news too', async () => {
    await using project = await deskProject();
    await put(project, [changed(1, 1)]);
    await runOnly(project);
    // The row is the same, what the tap says of where it is is not.
    await put(project, [changed(1, 1)]);
    await project.write(
      'tidemark.yaml',
      (await readFile(join(project.root, 'tidemark.yaml'), 'utf8')).replace(
        '"token"',
        '"mark":"later","token"',
      ),
    );
    await runOnly(project);
    await runOnly(project);
    assert.deepEqual(
      (await asked(project)).map(({ state }) => state.mark ?? null),
      [null, null, 'later'],
    );
  });

  it('has its state where it was while its batch is not committed', async () => {
    await using project = await deskProject();
    await put(project, [changed(1, 1)]);
    await runOnly(project);
    await put(project, [changed(1, 1), changed(2, 2)]);
    const stopped = await runOnly(project, {
      onReached: (point) => {
        if (point === 'unit_prepared') throw new Error('stopped here');
      },
    });
    assert.equal(stopped.state, 'failed');
    await put(project, [changed(1, 1), changed(2, 2), changed(3, 3)]);
    await runOnly(project);
    await runOnly(project);
    assert.deepEqual(await states(project), [null, day(1), day(1), day(3)]);
    assert.equal((await rows(project)).length, 3);
  });

  it('has its state where it was while the gate holds what came', async () => {
    await using project = await deskProject({ assets: [{ ...SOURCE, pii_scan_status: 'suspected' }] });
    await put(project, [changed(1, 1)]);
    await runOnly(project);
    await runOnly(project);
    assert.deepEqual(await states(project), [null, null]);
  });

  it('is read from its beginning as a full snapshot, and by a rerun, which the next run goes on from', async () => {
    await using full = await deskProject({ load_mode: 'full_snapshot', selection_window: {} });
    await put(full, [changed(1, 1)]);
    await runOnly(full);
    await runOnly(full);
    assert.deepEqual(await states(full), [null, null]);
    const [{ catalog }] = await asked(full);
    assert.equal(catalog.streams[0].metadata[0].metadata['replication-method'], 'FULL_TABLE');

    await using project = await deskProject();
    await put(project, [changed(1, 1)]);
    await runOnly(project);
    await put(project, [changed(1, 1), changed(2, 2)]);
    await using tidemark = await openTidemark({ project: project.root });
    const { planId } = await tidemark.planRecovery({
      verb: 'rerun',
      manifestId: 'manifest-m-20260401-001',
      batchId: 'batch-m',
      reason: 'to be sure',
    });
    await tidemark.executePlan({ verb: 'rerun', planId });
    await runOnly(project);
    assert.deepEqual((await states(project)).slice(-2), [null, day(2)]);
    assert.equal((await rows(project)).length, 2);
  });

  it('is selected alone, by the key of the manifest, and is all that the tap is told', async () => {
    await using project = await deskProject();
    await put(project, [changed(1, 1)]);
    await runOnly(project);
    const [{ catalog, env }] = await asked(project);
    const [tickets, users] = catalog.streams;
    assert.deepEqual(tickets.metadata[0].metadata, {
      'replication-method': 'INCREMENTAL',
      'replication-key': 'updated_at',
      selected: true,
    });
    assert.equal(tickets.metadata[1].metadata.selected, true);
    assert.equal(users.metadata[0].metadata.selected, false);
    assert.equal(env, `desk-${SECRET}`);
  });

  it('is landed as canonical lines, in which no number is rounded', async () => {
    await using project = await deskProject();
    const line = JSON.stringify(changed(1, 1)).replace(
      '{',
      '{"z":12345678901234567890,"a":1.10,"é":"\\u00e9",',
    );
    await project.write('rows.json', `${line}\n`);
    await runOnly(project);
    const [text] = await raw(project);
    assert.match(text ?? '', /^\{"a":1\.1,/);
    assert.match(text ?? '', /"z":12345678901234567890,"é":"é"\}\n$/);
  });

  it('brings the records of its batch files', async () => {
    await using project = await deskProject({ config: { fault: 'batch' } });
    await project.write('batch.jsonl', jsonLines([changed(1, 1), changed(2, 1)]));
    await put(project, [changed(3, 2)]);
    const report = await runOnly(project);
    assert.equal(report.recordTally.accepted, 3);
  });

  it('is planned without being run', async () => {
    await using project = await deskProject();
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { plans } = await tidemark.plan();
    assert.match(plans[0]?.assets[0]?.why ?? '', /known once its tap has run/);
    assert.deepEqual(await asked(project), []);
  });
});

describe('a tap that fails', { timeout: 120_000 }, () => {
  it('has nothing kept of what it sent, and says why in its own words, without its secrets', async () => {
    await using project = await deskProject({ config: { fault: 'exit' } });
    await put(project, [changed(1, 1)]);
    const report = await runOnly(project);
    assert.match(why(report), /TM4713 Tap desk: .* ended with 3; it wrote: INFO the token is \*\*\*/);
    assert.doesNotMatch(JSON.stringify(report), new RegExp(SECRET));
    await assert.rejects(raw(project));
    await runOnly(project);
    assert.deepEqual(await states(project), [null, null]);
  });

  it('is ended with all that it started when it falls silent', async () => {
    await using project = await deskProject({ config: { fault: 'hang' }, limits: { tapIdleMs: 1500 } });
    assert.match(why(await runOnly(project)), /TM4714 .* wrote nothing for 1\.5 s and was stopped/);
    const grandchild = Number(await readFile(join(project.root, 'grandchild'), 'utf8'));
    await gone(grandchild);
  });

  it('is ended with all that it started when the run is stopped', async () => {
    await using project = await deskProject({ config: { fault: 'hang' } });
    const stop = new AbortController();
    const running = runOnly(project, { signal: stop.signal });
    let grandchild = Number.NaN;
    while (Number.isNaN(grandchild)) {
      const text = await readFile(join(project.root, 'grandchild'), 'utf8').catch(() => 'none yet');
      grandchild = Number.parseInt(text, 10);
    }
    stop.abort();
    assert.equal((await running).state, 'interrupted');
    await gone(grandchild);
  });

  for (const [fault, message] of [
    ['no_schema', /message 1 comes before the SCHEMA of its stream/],
    ['garbage', /message 2 is no JSON object/],
    ['long', /longer than 50000 bytes/],
    ['other_stream', /message 2 belongs to stream users, which was not selected/],
    ['unknown', /message 2 is of no type of the Singer specification: HELLO/],
  ] as const) {
    it(`is not taken at its word: ${fault}`, async () => {
      await using project = await deskProject({ config: { fault } });
      await put(project, [changed(1, 1)]);
      assert.match(why(await runOnly(project)), message);
    });
  }

  it('has no batch file read that is outside the project', async () => {
    await using outside = await tempFolder();
    const path = await outside.write('batch.jsonl', jsonLines([changed(1, 1)]));
    await using project = await deskProject({ config: { fault: 'batch_outside', outside: path } });
    assert.match(why(await runOnly(project)), /TM4715 .*a file that is not in the project/);
  });

  it('that is unknown, has no such stream or cannot be run says what to mend', async () => {
    for (const [location, message] of [
      ['singer:dsk?stream=tickets', /TM4712 .*no such tap; it has desk/],
      ['singer:desk?stream=ticket', /TM4713 .*no stream ticket; it has tickets, users/],
    ] as const) {
      await using project = await deskProject({ assets: [{ ...SOURCE, source_url_or_path: location }] });
      assert.match(why(await runOnly(project)), message);
    }
    await using project = await deskProject();
    await configure(project, { singer: { desk: { command: ['no-such-tap'] } } });
    assert.match(why(await runOnly(project)), /TM4713 .*no-such-tap cannot be run: .*ENOENT/);
    await using refused = await deskProject({ assets: [{ ...SOURCE, source_url_or_path: 'singer:desk' }] });
    const [asset] = (await runOnly(refused)).assets;
    assert.match(asset?.findings[0]?.message ?? '', /TM4711 .*has to name one stream/);
  });
});
