/**
 * Runs the main job twice over, in two projects with one history, for another reader to check:
 *
 *   node write-main-job.ts <folder>
 *
 * `<folder>/plain` has the tables as they are by default, `<folder>/partitioned` the same rows in partitioned ones.
 * `<folder>/expected.json` says what every snapshot of every table must hold, by the catalog's own ledgers.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { jsonLines, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { ExpectedHome } from './expected-home.ts';
import { EXTREME_LINES, LATER_TICKETS, REVIEW_PROPERTIES, REVIEWED_TICKETS } from './reviewed-tickets.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** Small enough for a ticket file to become several data files. */
const PARTS = 'limits:\n  partBytesMax: 100000\n';
const PARTITIONS = `tables:
  ticket:
    partition_by: ['month(created_at)', 'sla_tier']
  doc_asset:
    partition_by: ['language']
  rejects:
    partition_by: ['truncate[4](rule)']
`;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: write-main-job.ts <folder>');
const homes: Record<string, ExpectedHome['tables']> = {};
for (const [name, config] of Object.entries({ plain: PARTS, partitioned: PARTITIONS })) {
  const root = join(folder, name);
  await mkdir(root, { recursive: true });
  for (const part of ['data', 'contracts'])
    await cp(join(CHECKOUT, part), join(root, part), { recursive: true });
  await writeFile(join(root, 'tidemark.yaml'), config);
  homes[name] = (await makeHistory(root)).tables;
}
await writeFile(join(folder, 'expected.json'), JSON.stringify(homes));

/** The main job, then everything by which a table gets a second snapshot, one `note` for each set of contracts. */
async function makeHistory(root: string): Promise<ExpectedHome> {
  const expected = new ExpectedHome(root);
  await run(root);

  await correctFiles(root);
  await run(root);

  await redeliverTickets(root);
  await stopAt(root, 'metadata_written');
  await run(root);
  await expected.note();

  await changeTicketContract(root, (properties) => ({ ...properties, ...REVIEW_PROPERTIES }));
  await deliver(root, {
    name: 'tickets-reviewed',
    lines: jsonLines([...REVIEWED_TICKETS, ...EXTREME_LINES]),
  });
  await run(root);
  await expected.note();

  await changeTicketContract(root, ({ sentiment: _, ...properties }) => properties);
  await deliver(root, { name: 'tickets-later', lines: jsonLines(LATER_TICKETS) });
  await run(root);
  await expected.note();
  return expected;
}

/** Every manifest of the project; what is committed already stays as it is. */
async function run(root: string): Promise<void> {
  await using tidemark = await openTidemark({ project: root });
  const { runs, refused, unopened } = await tidemark.run();
  assert.deepEqual([refused, unopened], [[], []]);
  for (const report of runs) {
    assert.match(report.state, /^(committed|nothing_to_commit)$/, JSON.stringify(report.failure));
    assert.notEqual(report.reconciliation?.verdict, 'fail', report.manifestId);
  }
  assert.ok(
    runs.some(({ state }) => state === 'committed'),
    'a step of the history changed nothing',
  );
}

/** A run that dies on the way to its commit: the next one commits what this one prepared. */
async function stopAt(root: string, where: RestartPoint): Promise<void> {
  const onReached = (point: RestartPoint) => {
    if (point === where) throw new Error(`stopped at ${where}`);
  };
  await using tidemark = await openTidemark({ project: root, onReached });
  const { runs } = await tidemark.run();
  assert.equal(runs.filter(({ state }) => state === 'failed').length, 1);
}

/** The same batches with other bytes in a file: revision 2. */
async function correctFiles(root: string): Promise<void> {
  const tickets = join(root, 'data/seeds/tickets/escalation-desk.jsonl');
  const more = [1, 2, 3, 4].map((number) =>
    ticket(number, { ticket_id: `TKT-20260502-90000${number}`, created_at: `2026-05-02T0${number}:00:00Z` }),
  );
  await writeFile(tickets, `${await readFile(tickets, 'utf8')}\n${jsonLines(more)}`);
  await declareAgain(root, 'tickets_full', 'escalation-desk');

  const article = join(root, 'data/seeds/help-center/single-sign-on.html');
  await writeFile(article, (await readFile(article, 'utf8')).replace('</body>', '<p>Revised.</p></body>'));
  await declareAgain(root, 'help_center_html', 'doc:northstar_help:f8105404d62a');
}

/** Another batch that brings tickets which are there already, broken lines among them, and some that are not. */
async function redeliverTickets(root: string): Promise<void> {
  const lines = (await readFile(join(root, 'data/seeds/tickets/helpdesk-main.jsonl'), 'utf8')).split('\n');
  const known = lines.filter((line, index) => index % 4 === 0 && line !== '');
  const fresh = Array.from({ length: 6 }, (_, index) =>
    ticket(index, {
      ticket_id: `TKT-20260511-80000${index}`,
      created_at: `2026-05-11T1${index}:30:00.25+02:00`,
    }),
  );
  await deliver(root, { name: 'tickets-again', lines: jsonLines([...known, ...fresh]) });
}

/** A ticket file with a manifest of its own. */
async function deliver(root: string, { name, lines }: { name: string; lines: string }): Promise<void> {
  const path = `data/seeds/tickets/${name}.jsonl`;
  await writeFile(join(root, path), lines);
  const template = await readManifest(root, 'tickets_full');
  const manifest = {
    ...template,
    manifest_id: `manifest-${name}-20260601-001`,
    batch_id: `batch-${name}`,
    assets: [{ ...template.assets[0]!, source_id: name, source_url_or_path: path }],
  };
  await writeManifest(root, name, manifest);
  await declareAgain(root, name, name);
}

/** Sets the size and the sum of an asset to those of its file. */
async function declareAgain(root: string, name: string, sourceId: string): Promise<void> {
  const manifest = await readManifest(root, name);
  const asset = manifest.assets.find(({ source_id }) => source_id === sourceId);
  if (asset === undefined) throw new Error(`${name} declares no ${sourceId}`);
  const bytes = await readFile(join(root, asset.source_url_or_path));
  const seen = {
    size_bytes: bytes.length,
    checksum_sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const assets = manifest.assets.map((entry) => (entry === asset ? { ...asset, ...seen } : entry));
  await writeManifest(root, name, { ...manifest, assets });
}

async function readManifest(root: string, name: string): Promise<SourceManifest> {
  return JSON.parse(await readFile(manifestPath(root, name), 'utf8')) as SourceManifest;
}

async function writeManifest(root: string, name: string, manifest: SourceManifest): Promise<void> {
  await writeFile(manifestPath(root, name), JSON.stringify(manifest, null, 2));
}

function manifestPath(root: string, name: string): string {
  return join(root, 'data/seed_manifests', `${name}.json`);
}

async function changeTicketContract(
  root: string,
  change: (properties: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const path = join(root, 'contracts/data/ticket.json');
  const contract = JSON.parse(await readFile(path, 'utf8')) as { properties: Record<string, unknown> };
  await writeFile(path, JSON.stringify({ ...contract, properties: change(contract.properties) }));
}
