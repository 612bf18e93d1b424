// Reads a table of a million rows with a column of every type from PostgreSQL, then goes on while transactions commit out of
// order and late: node test/scale/million-rows.ts [rows] [transactions]. Takes minutes and some GB below the temporary folder.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import { sampleProject } from '../../tidemark/src/testing/sample-project.ts';
import {
  createMoves,
  DigestOfLines,
  digestByDatabase,
  typesOf,
} from '../../tidemark/src/testing/typed-table.ts';
import {
  declareMoves,
  idsIn,
  idsThere,
  missingBy,
  readToTheEnd,
  runAll,
  writeOutOfOrder,
} from './late-writers.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const transactions = Number(process.argv[3] ?? 20_000);

await using server = await startPostgres();
const url = await server.createDatabase('moves');
const client = new pg.Client(url);
await client.connect();
await using project = await sampleProject();
try {
  await timed(`a table of ${rows} rows is made`, async () => await createMoves(client, rows));
  await declareMoves(project, { url, client });
  let bytes = 0;
  await timed('it is read whole by three cursors', async () => {
    await using tidemark = await openTidemark({
      project: project.root,
      onEvent: (event) => {
        if (event.kind !== 'asset_progress' || event.stage !== 'landing') return;
        bytes = Math.max(bytes, event.bytes);
      },
    });
    const { runs } = await tidemark.run();
    for (const { state, failure, assets } of runs)
      assert.equal(state, 'committed', JSON.stringify(failure ?? assets));
  });
  tell(`most that one reading landed: ${(bytes / 2 ** 20).toFixed(0)} MiB; peak memory ${peak()} MiB`);
  await timed(`${transactions} transactions commit out of order while it is read on`, async () => {
    const options = { transactions, openMax: 8, random: Math.random, firstId: rows + 1 };
    let open = true;
    const write = async () => {
      for await (const _ of writeOutOfOrder(url, options));
      open = false;
    };
    let runs = 0;
    const read = async () => {
      for (; open; runs += 1) await runAll(project);
    };
    await Promise.all([write(), read()]);
    const last = await readToTheEnd(project, client);
    const all = await idsThere(client);
    const seen = await idsIn(project);
    tell(`${runs} runs beside them; there ${JSON.stringify(all)}; seen ${JSON.stringify(seen)}`);
    assert.deepEqual(seen.by_clock, all);
    assert.deepEqual(seen.by_transaction, all);
    const missing = all.rows - seen.by_application.rows;
    assert.equal(missingBy(last, 'by-application'), missing);
    tell(`nothing lost, nothing doubled; an application's clock left ${missing} behind, each found as a gap`);
  });
  await timed('the digest of every value is that of the database', async () => {
    const [byDatabase, ofLines] = await Promise.all([digestByDatabase(client), digestOfLanded()]);
    tell(`${byDatabase} by the database, ${ofLines} of what was landed`);
    assert.equal(ofLines, byDatabase);
  });
} finally {
  await client.end();
}

/** Of every row once: one that was read again at a boundary is landed again. */
async function digestOfLanded(): Promise<string> {
  const digest = new DigestOfLines();
  const types = await typesOf(client);
  const seen = new Set<string>();
  const raw = join(homeOf(project), 'raw');
  for (const entry of await readdir(raw, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    for await (const line of linesOf(join(entry.parentPath, entry.name))) {
      if (!line.includes('"aclitem":')) continue;
      const id = /"id":(\d+)/.exec(line)?.[1] ?? '';
      if (seen.has(id)) continue;
      seen.add(id);
      digest.take(line, types);
    }
  }
  return digest.sum;
}

/** At line feeds alone: `readline` also breaks where a value holds U+2028. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let begun = '';
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = `${begun}${piece}`.split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const from = performance.now();
  await work();
  tell(`${((performance.now() - from) / 1000).toFixed(1)} s: ${what}`);
}

function peak(): string {
  return (process.resourceUsage().maxRSS / 1024).toFixed(0);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
