import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openTidemark } from '../open-tidemark.ts';
import { jsonLines, sampleProject, ticket } from '../testing/sample-project.ts';

it('a window that its contract cannot be cut by is refused by check, with its place in the manifest', async () => {
  await using project = await sampleProject();
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/t.jsonl',
    content: jsonLines([ticket(1)]),
  });
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'uptaded_at', cursor_start: '2026-01-01T00:00:00Z' },
    assets: [asset],
  });
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const { usable, refused } = await tidemark.check();
  assert.deepEqual(usable, []);
  const [problem] = refused[0]?.problems ?? [];
  assert.equal(problem?.rule, 'window_refused');
  assert.match(problem?.message ?? '', /uptaded_at is not a property of omni/);
  assert.deepEqual([problem?.pointer, problem?.line], ['/selection_window/cursor_field', 13]);
});

it('a window that ends before it begins is refused by check: nothing could be in it', async () => {
  await using project = await sampleProject();
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/t.jsonl',
    content: jsonLines([ticket(1)]),
  });
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: {
      cursor_field: 'updated_at',
      cursor_start: '2026-03-01T00:00:00Z',
      cursor_end: '2026-02-28T23:59:59+00:00',
    },
    assets: [asset],
  });
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const { usable, refused } = await tidemark.check();
  assert.deepEqual(usable, []);
  const [problem] = refused[0]?.problems ?? [];
  assert.deepEqual([problem?.rule, problem?.pointer], ['window_refused', '/selection_window/cursor_end']);
  assert.match(problem?.message ?? '', /ends before it begins/);
});

it('what a run does not take in, plan says, whatever the gate judges', async () => {
  await using project = await sampleProject();
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/t.jsonl',
    content: jsonLines([ticket(1)]),
  });
  await project.manifest('m', {
    load_mode: 'cdc',
    selection_window: { cursor_field: 'updated_at' },
    assets: [asset],
  });
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const { plans } = await tidemark.plan();
  const [planned] = plans[0]?.assets ?? [];
  assert.deepEqual([planned?.judgement, planned?.action], ['accept', 'refuse']);
  assert.match(planned?.why ?? '', /TM7003 change capture reads streams/);
});
