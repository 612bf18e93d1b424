import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRunningHere } from '../../tidemark/src/catalog/holders.ts';
import { RESTART_POINTS, type RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { MortalProject } from './simulated-crash.ts';
import { tickingClock } from './ticking-clock.ts';

const CLOCK = Date.parse('2026-05-01T08:00:00Z');

/** An asset with every outcome, a held one, and one more. */
async function project(): Promise<SampleProject> {
  const made = await sampleProject();
  // What is received ahead of its turn lies in no order of points.
  await made.write('tidemark.yaml', 'limits: { landingsAtOnceMax: 1 }\n');
  const lines = jsonLines([ticket(1), ticket(2), ticket(1), ticket(3, { status: 'lost' }), '{"ticket_id":']);
  const assets = [
    await made.asset({ source_id: 'a', path: 'data/a.jsonl', content: lines }),
    await made.asset({ source_id: 'h', path: 'data/h.jsonl', content: lines, metadata_status: 'missing' }),
    await made.asset({ source_id: 'b', path: 'data/b.jsonl', content: jsonLines([ticket(2), ticket(4)]) }),
  ];
  await made.manifest('m', { assets });
  return made;
}

/** Everything that is kept below a home, but for what no two runs have in common. */
function leftBehind(root: string, home: string): unknown {
  const plain = (text: string) =>
    text
      .replaceAll(root, 'ROOT')
      // Ids of snapshots are random: as numbers, and to the base of 36 in the names of metadata files.
      .replaceAll(/\b\d{11,19}\b/g, 'SNAPSHOT')
      .replaceAll(/-[0-9a-z]{4,12}(?=(-m\d+)?\.avro|\.metadata)/g, '-SNAPSHOT');
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('catalog.db'))
    .map((entry) => plain(relative(home, join(entry.parentPath, entry.name))))
    .sort();
  const database = new DatabaseSync(join(home, 'catalog.db'), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => {
    const found = database.prepare(`SELECT * FROM "${name}"`).all();
    return [name, found.map((row) => plain(JSON.stringify(comparable(row)))).sort()];
  });
  database.close();
  return { files, rows };
}

function comparable(row: Record<string, unknown>): unknown {
  const { holder, mtime_ns, inode, hash, previous_hash, body, ...rest } = row;
  const alive = typeof holder === 'string' && holder !== '' ? isRunningHere(JSON.parse(holder)) : undefined;
  return { ...rest, ...(alive !== undefined && { alive }) };
}

/** What a killed process leaves. */
async function killed(at: { point: RestartPoint; nth: number }): Promise<unknown> {
  await using made = await project();
  const script = fileURLToPath(new URL('die-at.ts', import.meta.url));
  const words = [script, made.root, at.point, String(at.nth), String(CLOCK)];
  await assert.rejects(promisify(execFile)(process.execPath, words), { signal: 'SIGKILL' });
  return leftBehind(made.root, homeOf(made));
}

async function crashed(at: { point: RestartPoint; nth: number }): Promise<unknown> {
  await using made = await project();
  const options = { project: made.root, home: homeOf(made), clock: tickingClock(CLOCK) };
  await using mortal = new MortalProject(options);
  assert.equal((await mortal.work(async (tidemark) => await tidemark.run(), at)).kind, 'died');
  return leftBehind(made.root, homeOf(made));
}

describe('a crash inside the process', { concurrency: 2 }, () => {
  for (const [index, point] of RESTART_POINTS.entries()) {
    // Points of an asset at the second one too, with the first one's work behind it.
    const nth = index > 0 && index < RESTART_POINTS.indexOf('snapshots_staged') ? 2 : 1;
    it(`at ${point} leaves what kill -9 leaves, file by file and row by row`, async () => {
      assert.deepEqual(await crashed({ point, nth }), await killed({ point, nth }));
    });
  }
});
