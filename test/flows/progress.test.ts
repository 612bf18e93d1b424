import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listMoves } from '../../tidemark/src/catalog/progress-moves.ts';
import {
  manifestId,
  type TicketProject,
  ticket,
  ticketProject,
} from '../../tidemark/src/evidence/ticket-project.fixture.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const SOURCE = 'tickets:desk';

/** Tickets of 2026-03-01, one a minute from 10:00 on. */
const tickets = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ticket(from + at));

const settings = async (project: TicketProject, fields: string) =>
  await writeFile(
    join(project.dir, 'tidemark.yaml'),
    `manifest_settings:\n  ${manifestId()}: { ${fields} }\n`,
  );

const moved = async (project: TicketProject) => {
  const { catalog } = await project.archive();
  return (await listMoves(catalog, { limit: 100 }))
    .reverse()
    .map(({ object, before, after, cause }) => ({ object, before, after, cause }));
};

const verified = async (project: TicketProject) => {
  const { catalog } = await project.archive();
  const rows = await catalog.selectFrom('verified').selectAll().execute();
  return rows.map(({ source_id, field, start_at, through }) => [source_id, field, start_at, through]);
};

const reconcile = async (project: TicketProject) => {
  await using tidemark = await openTidemark({ project: project.dir });
  const found = await Array.fromAsync(tidemark.reconcile());
  await tidemark.keepVerdicts(found);
  return found.map(({ reconciliation }) => reconciliation.verdict);
};

describe('progress', () => {
  it('moves in the commit, and every move can be read afterwards', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    const [first] = await project.run();
    await project.declare({ sources: { [SOURCE]: tickets(1, 5) } });
    await project.run();
    const checkpoints = (await moved(project)).filter(({ object }) => object === 'checkpoint');
    assert.equal(checkpoints.length, 2);
    assert.equal(checkpoints[0]?.before, null);
    assert.equal(checkpoints[1]?.before, first?.assets[0]?.unitKey);
    const at = (minute: number) => `2026-03-01 10:0${minute}:00.000000+00`;
    assert.deepEqual(
      (await moved(project)).filter(({ object }) => object !== 'checkpoint'),
      [
        { object: 'watermark', before: null, after: at(3), cause: 'commit' },
        { object: 'verified', before: null, after: at(3), cause: 'verification' },
        { object: 'watermark', before: at(3), after: at(5), cause: 'commit' },
        { object: 'verified', before: at(3), after: at(5), cause: 'verification' },
      ],
    );
  });

  it('does not move when the commit is broken off inside', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.runKilledAt('inside_commit');
    assert.deepEqual(await moved(project), []);
  });

  it('is verified only once the run is proven, by whoever proves it', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.runKilledAt('committed');
    assert.deepEqual(await verified(project), []);
    await project.run();
    assert.deepEqual(await verified(project), [
      [SOURCE, 'created_at', null, '2026-03-01 10:03:00.000000+00'],
    ]);
  });

  it('acknowledges nothing that may still come late', async () => {
    await using project = await ticketProject();
    await settings(project, 'lateness: 2h');
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.run();
    const settled = '2026-03-01 08:03:00.000000+00';
    assert.deepEqual(
      (await moved(project)).slice(1).map(({ object, after }) => [object, after]),
      [
        ['watermark', settled],
        ['verified', settled],
      ],
    );
  });

  it('goes back to before what fails its proof, and forward again when it is mended', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    const [report] = await project.run();
    const before = await verified(project);
    const { catalog } = await project.archive();
    const [unit] = await catalog.selectFrom('units').select('prepared').execute();
    const [uri] = /file:[^"]+\.parquet/.exec(unit?.prepared ?? '') ?? [''];
    await rename(fileURLToPath(uri), join(project.dir, 'aside'));
    assert.deepEqual(await reconcile(project), ['fail']);
    assert.deepEqual(await verified(project), []);
    await rename(join(project.dir, 'aside'), fileURLToPath(uri));
    assert.deepEqual(await reconcile(project), ['pass']);
    assert.deepEqual(await reconcile(project), ['pass']);
    assert.deepEqual(await verified(project), before);
    const rows = await catalog.selectFrom('verifications').selectAll().orderBy('seq').execute();
    assert.deepEqual(
      rows.map(({ verdict, mended_by }) => [verdict, mended_by]),
      [
        ['pass', null],
        ['fail', report?.runId],
        ['pass', null],
      ],
    );
  });
});
