import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TicketProject, ticket, ticketProject } from '../evidence/ticket-project.fixture.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';
import { openTidemark } from '../open-tidemark.ts';
import { tablesAsSeen } from '../testing/read-tables.ts';
import { kindsOf, liveFiles, mend, rewriteInPlace, verifyProject } from './damaged-project.fixture.ts';
import type { VerificationReport, VerifyOptions } from './verify.ts';

/** Enough rows that a file has room for other ones; one of each fate. */
async function delivered(): Promise<TicketProject> {
  const project = await ticketProject();
  const tickets = Array.from({ length: 300 }, (_, at) =>
    ticket(at + 1, { subject: `Ticket ${at} in words` }),
  );
  await project.declare({
    sources: {
      'desk:a': [...tickets, ticket(1, { subject: 'Ticket 0 in words' }), '{"not":"a ticket"}'],
      'desk:h': [ticket(999)],
    },
    held: ['desk:h'],
  });
  await project.run();
  return project;
}

async function rewrite(
  project: TicketProject,
  select: string,
  more: { table?: string; without?: string[] } = {},
) {
  const { table = 'ticket', without = [] } = more;
  const [file] = await liveFiles(project.dir, table);
  assert.ok(file);
  await rewriteInPlace(file, { select, without });
}

/** What a verification finds, and that its one command makes the tables what they were. */
async function foundAndMended(
  project: TicketProject,
  before: Record<string, string[]>,
): Promise<VerificationReport> {
  const found = await verifyProject(project.dir);
  const [command = '', ...others] = new Set(found.symptoms.map(({ suggestion }) => suggestion));
  assert.deepEqual(others, []);
  await using tidemark = await openTidemark({ project: project.dir });
  const [advice] = await tidemark.advise();
  assert.equal(advice?.next, command, 'recover names the same');
  await mend(project.dir, command);
  assert.deepEqual(await tablesAsSeen(project.home.dir), before);
  assert.equal((await tidemark.advise())[0]?.recommendation.kind, 'mend', 'only the held source is left');
  const after = await verifyProject(project.dir);
  assert.deepEqual([after.symptoms, after.incidents?.resolved], [[], found.symptoms.length]);
  return found;
}

const CHANGES = {
  'a cell that was changed, naming line and column': {
    select: "SELECT * REPLACE (CASE WHEN record_line = 17 THEN 'other' ELSE subject END AS subject) FROM it",
    kinds: ['bronze_cells_differ'],
    message: /1 of 300 rows .*\(subject; line 17\)/,
  },
  'cells that were swapped between rows': {
    select: `SELECT * REPLACE (CASE record_line WHEN 5 THEN 'Ticket 5 in words' WHEN 6 THEN 'Ticket 4 in words' ELSE subject END AS subject) FROM it`,
    kinds: ['bronze_cells_differ'],
    message: /2 of 300 rows .*line 5, line 6/,
  },
  'a column that was emptied': {
    select: 'SELECT * REPLACE (NULL::VARCHAR AS owner) FROM it',
    kinds: ['bronze_cells_differ'],
    message: /300 of 300 rows .*owner/,
  },
  'a record that was put in another’s place': {
    select:
      "SELECT * REPLACE (CASE WHEN record_line = 9 THEN repeat('a', 32) ELSE record_fingerprint END AS record_fingerprint) FROM it",
    kinds: ['bronze_cells_differ'],
    message: /others than the ones committed/,
  },
  'rows without an anchor': {
    select: 'SELECT * REPLACE (CASE WHEN record_line < 4 THEN NULL ELSE trace_id END AS trace_id) FROM it',
    kinds: ['anchor_missing'],
    message: /3 rows of desk:a .* lack an anchor/,
  },
  'rows that lead to another run': {
    select:
      'SELECT * REPLACE (CASE WHEN record_line < 4 THEN uuid()::VARCHAR ELSE run_id END AS run_id) FROM it',
    kinds: ['anchor_dangling'],
    message: /3 rows of desk:a .* does not lead to their unit/,
  },
  'a file without an anchor': {
    select: 'SELECT * FROM it',
    without: ['batch_id', 'unit_key'],
    kinds: ['anchor_missing'],
    message: /lacks batch_id, unit_key in its metadata/,
  },
  'rows that were deleted': {
    select: 'SELECT * FROM it WHERE record_line <> 12',
    kinds: ['data_file_altered', 'rows_missing'],
    message: /holds 299 of the 300 rows/,
  },
  'rows that were written twice': {
    select: 'SELECT * FROM it UNION ALL SELECT * FROM it WHERE record_line = 12',
    kinds: ['data_file_altered', 'rows_doubled'],
    message: /1 more than were committed/,
  },
} as const;

describe('rows of a data file that was changed behind its size', () => {
  for (const [what, { select, kinds, message, ...more }] of Object.entries(CHANGES)) {
    it(`are found: ${what}`, async () => {
      await using project = await delivered();
      const before = await tablesAsSeen(project.home.dir);
      await rewrite(project, select, 'without' in more ? { without: [...more.without] } : {});
      const found = await foundAndMended(project, before);
      assert.deepEqual(kindsOf(found), kinds);
      assert.match(found.symptoms.map((symptom) => symptom.message).join('\n'), message);
    });
  }

  for (const table of [REJECTS_TABLE, SKIPS_TABLE, QUARANTINE_TABLE]) {
    it(`are found in bronze.${table} too`, async () => {
      await using project = await delivered();
      const before = await tablesAsSeen(project.home.dir);
      await rewrite(project, "SELECT * REPLACE ('someone' AS source_id) FROM it", { table });
      const found = await foundAndMended(project, before);
      assert.deepEqual(kindsOf(found), ['anchor_dangling']);
    });
  }
});

describe('a verification of less than everything', () => {
  const look = async (project: TicketProject, options: VerifyOptions) => {
    const { symptoms, incidents } = await verifyProject(project.dir, options);
    return [symptoms.map(({ kind }) => kind), incidents?.resolved];
  };

  it('resolves only what it would have found', async () => {
    await using project = await delivered();
    await rewrite(project, 'SELECT * REPLACE (NULL::VARCHAR AS owner) FROM it');
    const [{ suggestion = '' } = {}] = (await verifyProject(project.dir)).symptoms;
    await mend(project.dir, suggestion);
    await project.declare({ name: 'other', batchId: 'batch-2', sources: { 'desk:o': [ticket(1000)] } });
    await project.run();
    for (const options of [{ quick: true }, { batchId: 'batch-2' }, { table: 'skips' }, { target: 'desk:o' }])
      assert.deepEqual(await look(project, options), [[], 0]);
    assert.deepEqual(await look(project, { target: 'desk:a' }), [[], 1]);
  });

  it('finds what is within it and not what is beside it', async () => {
    await using project = await delivered();
    await rewrite(project, 'SELECT * REPLACE (NULL::VARCHAR AS owner) FROM it');
    await project.declare({ name: 'other', batchId: 'batch-2', sources: { 'desk:o': [ticket(1000)] } });
    await project.run();
    assert.deepEqual(await look(project, { batchId: 'batch-2' }), [[], 0]);
    assert.deepEqual(await look(project, { table: 'bronze.rejects' }), [[], 0]);
    assert.deepEqual(await look(project, { table: 'ticket', quick: true }), [[], 0]);
    assert.deepEqual(await look(project, { table: 'ticket' }), [['bronze_cells_differ'], 0]);
    assert.deepEqual(await look(project, { batchId: 'batch-1' }), [['bronze_cells_differ'], 0]);
  });

  it('refuses a name that nothing bears', async () => {
    await using project = await delivered();
    await assert.rejects(verifyProject(project.dir, { target: 'nobody' }), { code: 'TM8002' });
    await assert.rejects(verifyProject(project.dir, { table: 'nothing' }), { code: 'TM8002' });
  });
});
