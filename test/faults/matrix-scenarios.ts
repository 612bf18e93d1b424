import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import type { RecoveryVerb } from '../../tidemark/src/recovery/recovery-plan.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const MANIFEST = 'manifest-m-20260401-001';
const BATCH = 'batch-m';

/** A load mode, and what kind of source it is of where that is not files, or how it writes where that is not by appending. */
export type LoadMode =
  | 'full_snapshot'
  | 'full_snapshot, current_by_key'
  | 'incremental_cursor'
  | 'incremental_cursor, folder'
  | 'incremental_cursor, table';
export type MatrixVerb = 'run' | RecoveryVerb;

/** One row of the matrix: a project made ready for the verb, and the verb as a process that can be killed. */
export interface Scenario {
  readonly mode: LoadMode;
  readonly verb: MatrixVerb;
  prepare(): Promise<SampleProject>;
}

const FOLLOWING: Partial<SourceManifest> = {
  load_mode: 'incremental_cursor',
  selection_window: { cursor_field: 'created_at', cursor_start: '2026-04-01T00:05:00Z' },
};

const numbers = (from: number, to: number, fields = {}) =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index, fields));

/** Valid, repeated, rejected and broken lines. */
const messy = (fields = {}) =>
  jsonLines([
    ...numbers(0, 30, fields),
    ticket(3, fields),
    ticket(31, { status: 'parked' }),
    '{"ticket_id":',
  ]);

async function deliver(project: SampleProject, mode: LoadMode, contents: Readonly<Record<string, string>>) {
  const assets = [];
  if (mode === 'incremental_cursor, folder') {
    for (const [name, content] of Object.entries(contents))
      await project.write(`data/desk/${name}.jsonl`, content);
    assets.push(asset('data/desk', 'desk'));
  } else if (mode === 'incremental_cursor, table') {
    for (const [name, content] of Object.entries(contents)) {
      await fillTable(project, { name, lines: content });
      assets.push(asset(`sqlite:data/${name}.db?table=tickets`, name));
    }
  } else {
    for (const [name, content] of Object.entries(contents))
      assets.push(await project.asset({ source_id: name, path: `data/${name}.jsonl`, content }));
  }
  await project.manifest('m', { assets, ...(mode.startsWith('full_snapshot') ? {} : FOLLOWING) });
  if (mode.endsWith('current_by_key'))
    await configure(project, { manifest_settings: { [MANIFEST]: { write_mode: 'current_by_key' } } });
}

const asset = (source_url_or_path: string, source_id: string) =>
  ({
    source_id,
    source_url_or_path,
    asset_type: 'jsonl',
    metadata_status: 'complete',
    pii_scan_status: 'clear',
  }) as const;

/** The lines as rows, in place of those that were there; a table cannot hold what is no record. */
async function fillTable(
  project: SampleProject,
  { name, lines }: { name: string; lines: string },
): Promise<void> {
  const records = lines.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
  const path = `data/${name}.db`;
  await rm(join(project.root, path), { force: true });
  const database = await openDatabase(project, path);
  createTable(database, 'tickets', records[0]);
  insertRows(database, 'tickets', records);
  database.close();
}

const first = { a: messy(), b: jsonLines(numbers(20, 40)) };

async function committed(mode: LoadMode): Promise<SampleProject> {
  const project = await sampleProject();
  await deliver(project, mode, first);
  await runProject(project);
  return project;
}

const READY: Readonly<Record<MatrixVerb, (mode: LoadMode) => Promise<SampleProject>>> = {
  run: async (mode) => {
    const project = await sampleProject();
    await deliver(project, mode, first);
    return project;
  },
  /** Its first run was stopped with one of two units prepared. */
  retry: async (mode) => {
    const project = await READY.run(mode);
    const controller = new AbortController();
    await runProject(project, {
      signal: controller.signal,
      onReached: (point) => (point === 'unit_prepared' ? controller.abort() : undefined),
    });
    return project;
  },
  /** Its source brings corrected content. */
  rerun: async (mode) => {
    const project = await committed(mode);
    await deliver(project, mode, { ...first, a: messy({ subject: 'corrected' }) });
    return project;
  },
  /** Its contract is repaired: what was rejected is admitted. */
  replay: async (mode) => {
    const project = await committed(mode);
    await allowStatus(project, 'parked');
    return project;
  },
  backfill: committed,
};

const MODES = [
  'full_snapshot',
  'full_snapshot, current_by_key',
  'incremental_cursor',
  'incremental_cursor, folder',
  'incremental_cursor, table',
] as const;

export const SCENARIOS: readonly Scenario[] = MODES.flatMap((mode) =>
  (['run', 'retry', 'rerun', 'replay', 'backfill'] as const).map((verb) => ({
    mode,
    verb,
    prepare: async () => await READY[verb](mode),
  })),
);

async function allowStatus(project: SampleProject, status: string): Promise<void> {
  const dir = join(project.root, 'contracts/data');
  const path = join(dir, (await readdir(dir)).find((name) => name.includes('ticket')) ?? '');
  const schema = JSON.parse(await readFile(path, 'utf8'));
  schema.properties.status.enum.push(status);
  await writeFile(path, JSON.stringify(schema));
}

/** What the verb is asked for: the window lies before the one that the incremental batch selected. */
function requestOf(verb: RecoveryVerb): RecoveryRequest {
  const of = { manifestId: MANIFEST, batchId: BATCH, reason: 'the matrix' };
  return verb === 'backfill'
    ? { ...of, verb, from: '2026-04-01T00:01:00Z', to: '2026-04-01T00:10:00Z' }
    : { ...of, verb };
}

/** Plans the verb where it takes a plan. Planning is no part of what is killed. */
export async function planOf(project: SampleProject, verb: MatrixVerb): Promise<string | null> {
  if (verb === 'run') return null;
  await using tidemark = await openTidemark({ project: project.root });
  return (await tidemark.planRecovery(requestOf(verb))).planId;
}

/** Carries the verb out in a process of its own that kills itself at the point, once; resolves with its signal. */
export async function killedAt(
  project: SampleProject,
  { verb, planId, point }: { verb: MatrixVerb; planId: string | null; point: RestartPoint },
): Promise<string | null> {
  const manifest = join(project.root, 'data/seed_manifests/m.json');
  const [script, words] =
    planId === null
      ? ['run-until.ts', [project.root, manifest, point]]
      : ['execute-until.ts', [project.root, verb, planId, point]];
  const path = fileURLToPath(new URL(script, import.meta.url));
  return await new Promise((resolve) => {
    execFile(process.execPath, [path, ...words], (error) => resolve(error?.signal ?? null));
  });
}

/** The verb without a kill. */
export async function carryOut(
  project: SampleProject,
  verb: MatrixVerb,
  planId: string | null,
): Promise<void> {
  if (planId === null || verb === 'run') {
    await runProject(project);
    return;
  }
  await using tidemark = await openTidemark({ project: project.root });
  const report = await tidemark.executePlan({ verb, planId });
  assert.equal(report.state, 'committed', JSON.stringify(report.failure));
}
