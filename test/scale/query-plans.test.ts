import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { writeHistory } from './big-history.ts';

/** Tables with a row for each manifest, contract, lease or source, or that stop at a limit; and parts of a statement. */
const SMALL = /^(contracts|leases|manifests|incidents|plans|cursors|watermarks|verified|moved|batches)$/;
const PART_OF_STATEMENT = /^(latest|current|found|known|chains|named|\(subquery-\d+\))$/;

/** Indexes over just what is not well, which is little. */
const OF_THE_UNWELL = /USING (COVERING )?INDEX (runs_not_passed|run_assets_turned_away)$/;

/** What was asked of the catalog, by what asked it. */
async function statementsOf(project: SampleProject, anchors: ReturnType<typeof writeHistory>) {
  const asked = new Map<string, string>();
  let asking = 'open';
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    if (!asked.has(sql)) asked.set(sql, asking);
    return prepare.call(this, sql);
  };
  try {
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const ask = async (what: string, verb: () => Promise<unknown>) => {
      asking = what;
      await verb();
    };
    await ask('status', async () => await tidemark.status());
    await ask('recover', async () => await tidemark.advise());
    await ask('diagnose', async () => await tidemark.diagnose());
    await ask('incidents', async () => await tidemark.incidents());
    for (const name of [anchors.manifest, anchors.batch, anchors.run, anchors.source]) {
      await ask(`recover ${name}`, async () => await tidemark.advise({ target: name }));
      await ask(`diagnose ${name}`, async () => await tidemark.diagnose(name));
    }
    for (const [kind, id] of Object.entries(anchors))
      await ask(`show ${kind}`, async () =>
        assert.notDeepEqual(await tidemark.show(id), [], `${kind} ${id}`),
      );
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
  return asked;
}

function scansOf(database: DatabaseSync, sql: string): string[] {
  const values = [...sql.matchAll(/\?/g)].map(() => 1);
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return steps.map(({ detail }) => String(detail)).filter((detail) => detail.startsWith('SCAN '));
}

describe('status, recover, diagnose, incidents and show', () => {
  it('go through no table of the history row by row, whatever they are asked', async () => {
    await using project = await sampleProject();
    const asset = await project.asset({
      source_id: 'desk',
      path: 'data/m.jsonl',
      content: jsonLines([ticket(1), ticket(1), ticket(2, { status: 'parked' })]),
    });
    await project.manifest('m', { assets: [asset] });
    await runProject(project);
    const anchors = writeHistory(homeOf(project), { manifests: 4, batchesPerManifest: 50, sources: 3 });
    const asked = await statementsOf(project, anchors);
    using database = new DatabaseSync(join(homeOf(project), 'catalog.db'), { readOnly: true });
    const readings = [...asked].filter(([sql]) => /^\s*(select|with)/i.test(sql));
    assert.ok(readings.length > 60, `${readings.length} statements`);
    const scans = readings.flatMap(([sql, by]) =>
      scansOf(database, sql).map((scan) => ({ scan, by, sql: sql.replace(/\s+/g, ' ') })),
    );
    const forbidden = scans.filter(({ scan }) => {
      const [, table = ''] = scan.split(' ');
      return !SMALL.test(table) && !PART_OF_STATEMENT.test(table) && !OF_THE_UNWELL.test(scan);
    });
    assert.deepEqual(forbidden, []);
  });
});
