import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { acquireLease } from '../catalog/leases.ts';
import { entryHash } from './chain.ts';
import { ledgerPath } from './ledger.ts';
import type { RunReport } from './run-report.ts';
import { manifestId, type TicketProject, ticket, ticketProject } from './ticket-project.fixture.ts';
import { type EvidenceVerification, verifyEvidence } from './verify-evidence.ts';

describe('verifying the evidence', () => {
  let project: TicketProject;
  let runs: RunReport[];
  let pristine: Snapshot;
  const verify = async (expectHead?: string): Promise<EvidenceVerification> =>
    await verifyEvidence(await project.archive(), expectHead === undefined ? {} : { expectHead });
  const kindsOf = ({ findings }: EvidenceVerification) => findings.map(({ kind }) => kind);
  const change = (sql: string, ...values: SQLInputValue[]): number => {
    using database = openDatabase(project);
    return Number(database.prepare(sql).run(...values).changes);
  };
  const folderOf = (run: RunReport | undefined) => join(project.home.evidenceDir, run?.runId ?? '');

  // One batch with every file that a folder can have, the same again, and a run that fails.
  before(async () => {
    project = await ticketProject();
    const lines = [ticket(1), ticket(1), ticket(2, { status: 'asleep' })];
    await project.declare({ sources: { 'desk:a': lines, 'desk:b': [ticket(3)] }, held: ['desk:b'] });
    runs = [...(await project.run()), ...(await project.run())];
    await project.declare({ name: 'lost', sources: { 'desk:z': [ticket(9)] } });
    await rm(join(project.dir, 'exports/lost-desk-z.jsonl'));
    runs.push(...(await project.run()));
    pristine = await takeSnapshot(project);
  });
  beforeEach(async () => await restore(project, pristine));
  after(async () => await project[Symbol.asyncDispose]());

  test('passes over what was sealed, and prints the head of every chain', async () => {
    const verification = await verify();
    assert.deepEqual(verification.findings, []);
    assert.equal(verification.verdict, 'pass');
    assert.deepEqual(
      verification.chains.map(({ chain, entries }) => [chain, entries]),
      [
        [manifestId(), 4],
        [manifestId('lost'), 1],
      ],
    );
    assert.deepEqual((await readdir(folderOf(runs[0]))).sort(), [
      'quarantine.jsonl',
      'reconciliation.json',
      'rejections.jsonl',
      'report.md',
      'run.json',
      'skips.jsonl',
    ]);
    for (const { head } of verification.chains) assert.equal((await verify(head ?? '')).verdict, 'pass');
  });

  test('finds an altered character wherever in a chain or a file it is', async () => {
    const places = [...(await placesInChains(project)), ...(await placesInFiles(project))];
    assert.ok(places.length > 40);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(), fc.nat(), async (place, at, to) => {
        await restore(project, pristine);
        if (!(await place.alter(at, to))) return;
        const { verdict, findings } = await verify();
        assert.equal(verdict, 'fail', place.name);
        for (const { subject, expected, found, next } of findings) {
          assert.ok(subject !== '' && expected !== found && next !== '');
        }
      }),
      { numRuns: 120, examples: places.slice(0, 60).map((place): [Place, number, number] => [place, 0, 0]) },
    );
  });

  test('finds an entry rewritten together with its hash: the next one does not follow it', async () => {
    using database = openDatabase(project);
    const row = database.prepare('SELECT * FROM evidence WHERE chain = ? AND seq = 3').get(manifestId());
    const body = String(row?.body).replace('nothing_to_commit', 'committed');
    const entry = {
      chain: manifestId(),
      seq: 3,
      kind: 'run' as const,
      runId: String(row?.run_id),
      sealedAt: String(row?.sealed_at),
      previousHash: String(row?.previous_hash),
      body,
    };
    database
      .prepare('UPDATE evidence SET body = ?, hash = ? WHERE chain = ? AND seq = 3')
      .run(body, entryHash(entry), manifestId());
    const { findings } = await verify();
    assert.deepEqual(
      findings.filter(({ kind }) => kind === 'link_broken').map(({ subject }) => subject),
      [`${manifestId()}@4`],
    );
  });

  test('finds an entry taken out of the middle', async () => {
    change('DELETE FROM evidence WHERE chain = ? AND seq = 2', manifestId());
    const verification = await verify();
    assert.equal(verification.findings[0]?.kind, 'entries_missing');
    assert.ok(kindsOf(verification).includes('not_sealed'));
  });

  test('finds a tail that was cut off: by the runs it told of, and by the head noted before', async () => {
    const head = (await verify()).chains[0]?.head ?? '';
    assert.match(head, new RegExp(`^${manifestId()}@4:[0-9a-f]{64}$`));
    change('DELETE FROM evidence WHERE seq = 4');
    assert.deepEqual(kindsOf(await verify()), ['not_sealed', 'ledger_ahead']);
    // With every other trace of the run gone too, only who noted the head can tell.
    const last = runs[2]?.runId ?? '';
    change('DELETE FROM runs WHERE run_id = ?', last);
    await rm(join(project.home.evidenceDir, last), { recursive: true });
    assert.deepEqual(kindsOf(await verify()), []);
    for (const expected of [head, head.split(':').at(-1) ?? '']) {
      assert.deepEqual(kindsOf(await verify(expected)), ['head_unknown']);
    }
  });

  test('finds a catalog whose account of a run is not the one that was sealed', async () => {
    const committed = runs[0]?.runId ?? '';
    for (const [sql, name] of [
      [`UPDATE runs SET result = replace(result, '"accepted":1', '"accepted":7') WHERE run_id = ?`, 'result'],
      [`UPDATE runs SET state = 'failed' WHERE run_id = ?`, 'state'],
      [`UPDATE runs SET batch_id = 'another' WHERE run_id = ?`, 'batchId'],
    ] as const) {
      await restore(project, pristine);
      assert.equal(change(sql, committed), 1);
      const { findings } = await verify();
      assert.deepEqual(
        findings.map(({ kind }) => kind),
        ['run_record_altered'],
      );
      assert.ok(findings[0]?.message.includes(name));
    }
  });

  test('finds files that are missing, and files and folders that nobody sealed', async () => {
    const folder = folderOf(runs[0]);
    await rm(join(folder, 'skips.jsonl'));
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await mkdir(join(project.home.evidenceDir, 'strange folder'));
    const { findings } = await verify();
    assert.deepEqual(
      findings.map(({ kind, next }) => [kind, next]),
      [
        ['file_missing', `tidemark evidence rebuild ${runs[0]?.runId}`],
        ['file_not_sealed', `Look at it, then: rm -r ${join(folder, 'notes.txt')}`],
        ['file_not_sealed', `Look at it, then: rm -r '${join(project.home.evidenceDir, 'strange folder')}'`],
      ],
    );
    await rm(folder, { recursive: true });
    assert.equal((await verify()).findings.filter(({ kind }) => kind === 'file_missing').length, 6);
  });

  test('leaves out a run that is going on: its folder is being written', async () => {
    const runId = runs[0]?.runId ?? '';
    await appendFile(join(folderOf(runs[0]), 'report.md'), 'not yet whole');
    assert.deepEqual(kindsOf(await verify()), ['file_altered']);
    const { catalog } = await project.archive();
    await acquireLease(catalog, { resource: 'manifest:x', runId, now: '2026-03-01T00:00:00Z' });
    const verification = await verify();
    assert.deepEqual([verification.verdict, verification.inProgress], ['pass', [runId]]);
  });

  test('finds an entry whose file in the ledger is altered or gone, and names the file to restore', async () => {
    const altered = ledgerPath(project.home, { chain: manifestId(), seq: 1 });
    const lost = ledgerPath(project.home, { chain: manifestId(), seq: 2 });
    const whole = new Map([
      [altered, await readFile(altered)],
      [lost, await readFile(lost)],
    ]);
    await writeFile(altered, String(whole.get(altered)).replace('"size_bytes":', '"size_bytes":1'));
    await rm(lost);
    const { findings } = await verify();
    for (const [path, bytes] of whole) await writeFile(path, bytes);
    assert.deepEqual(findings.map(({ kind, subject, found }) => [kind, subject, found]).sort(), [
      ['ledger_altered', `${manifestId()}@1`, 'rows that it did not seal'],
      ['ledger_missing', `${manifestId()}@2`, 'no file'],
    ]);
    for (const { next } of findings) assert.match(next, /^Restore ledger\/.*\.jsonl from a backup, then: /);
    assert.equal((await verify()).verdict, 'pass');
  });

  test('finds a chain that was cut off or written anew in the catalog alone, by the ledger beside it', async () => {
    change('DELETE FROM evidence WHERE chain = ? AND seq > 2', manifestId());
    change('DELETE FROM runs WHERE run_id = ?', runs[1]?.runId ?? '');
    assert.deepEqual(
      (await verify()).findings.flatMap(({ kind, subject }) => (kind === 'ledger_ahead' ? [subject] : [])),
      [`${manifestId()}@3`, `${manifestId()}@4`],
    );
    await restore(project, pristine);
    using database = openDatabase(project);
    const last = database.prepare('SELECT * FROM evidence WHERE chain = ?').get(manifestId('lost'));
    const body = String(last?.body).replace('failed', 'withheld');
    const { kind, run_id, sealed_at, previous_hash } = last as Record<string, string>;
    const hash = entryHash({
      chain: manifestId('lost'),
      seq: 1,
      kind: kind as 'run',
      runId: run_id ?? '',
      sealedAt: sealed_at ?? '',
      previousHash: previous_hash ?? '',
      body,
    });
    change('UPDATE evidence SET body = ?, hash = ? WHERE chain = ?', body, hash, manifestId('lost'));
    assert.ok(kindsOf(await verify()).includes('ledger_altered'));
  });

  test('misses nothing of a home that has no ledger yet, until a run completes it', async () => {
    const folder = join(project.home.ledgerDir, encodeURIComponent(manifestId()));
    const kept = join(project.dir, 'kept');
    await rename(folder, kept);
    const without = await verify();
    await rename(kept, folder);
    assert.deepEqual(
      [without.verdict, without.ledgerEntries, (await verify()).ledgerEntries],
      ['pass', 1, 5],
    );
  });

  test('refuses a head that is none, with the form it takes', async () => {
    for (const text of ['', 'head', `${manifestId()}@0:${'0'.repeat(64)}`, 'a@1:ff']) {
      await assert.rejects(verify(text), { code: 'TM8001' });
    }
  });
});

describe('verifying the evidence of runs that died', () => {
  for (const point of ['unit_prepared', 'committed', 'read_back'] as const) {
    test(`passes for one killed at ${point}, before and after the next run has closed or proven it`, async () => {
      await using project = await ticketProject();
      await project.declare({ sources: { 'desk:a': [ticket(1), ticket(2, { status: 'asleep' })] } });
      await project.runKilledAt(point);
      const archive = await project.archive();
      assert.deepEqual((await verifyEvidence(archive)).findings, []);
      await project.run();
      assert.deepEqual((await verifyEvidence(archive)).findings, []);
    });
  }
});

type Row = Record<string, SQLInputValue>;

interface Snapshot {
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A place where something can be altered. `alter` says whether anything became other than it was. */
interface Place {
  readonly name: string;
  alter(at: number, to: number): Promise<boolean>;
}

const TABLES = ['evidence', 'runs', 'leases'];

function openDatabase(project: TicketProject): DatabaseSync {
  return new DatabaseSync(project.home.catalogPath, { timeout: 5_000 });
}

async function takeSnapshot(project: TicketProject): Promise<Snapshot> {
  using database = openDatabase(project);
  const rows = (table: string) => database.prepare(`SELECT * FROM ${table}`).all() as Row[];
  const files = new Map<string, Buffer>();
  for (const path of await evidenceFiles(project)) files.set(path, await readFile(path));
  return { tables: new Map(TABLES.map((table) => [table, rows(table)])), files };
}

async function restore(project: TicketProject, { tables, files }: Snapshot): Promise<void> {
  using database = openDatabase(project);
  database.exec('BEGIN IMMEDIATE');
  for (const [table, rows] of tables) {
    database.exec(`DELETE FROM ${table}`);
    for (const row of rows) {
      const values = Object.values(row);
      database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values);
    }
  }
  database.exec('COMMIT');
  for (const entry of await readdir(project.home.evidenceDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(path)) await rm(path);
  }
  const folders = new Set([...files.keys()].map((path) => join(path, '..')));
  for (const name of await readdir(project.home.evidenceDir)) {
    const folder = join(project.home.evidenceDir, name);
    if (!folders.has(folder)) await rm(folder, { recursive: true });
  }
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const [path, bytes] of files) await writeFile(path, bytes);
}

async function evidenceFiles(project: TicketProject): Promise<string[]> {
  const entries = await readdir(project.home.evidenceDir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function placesInFiles(project: TicketProject): Promise<Place[]> {
  return (await evidenceFiles(project)).map((path) => ({
    name: path,
    alter: async (at, to) => {
      const bytes = await readFile(path);
      const index = at % bytes.length;
      bytes[index] = ((bytes[index] ?? 0) + 1 + (to % 255)) % 256;
      await writeFile(path, bytes);
      return true;
    },
  }));
}

/** Every column of every entry. */
async function placesInChains(project: TicketProject): Promise<Place[]> {
  using database = openDatabase(project);
  const rows = database.prepare('SELECT rowid, * FROM evidence').all() as Row[];
  return rows.flatMap((row) =>
    Object.keys(row)
      .filter((column) => column !== 'rowid')
      .map((column) => ({
        name: `${column} of ${row.chain}@${row.seq}`,
        alter: async (at: number, to: number) => {
          using opened = openDatabase(project);
          const value = altered(row[column] ?? '', { at, to });
          try {
            opened.prepare(`UPDATE evidence SET ${column} = ? WHERE rowid = ?`).run(value, row.rowid ?? null);
            return true;
          } catch {
            return false; // Another entry has this chain and number.
          }
        },
      })),
  );
}

function altered(value: SQLInputValue, { at, to }: { at: number; to: number }): SQLInputValue {
  if (typeof value === 'number') return value + 1 + (to % 1_000);
  const text = String(value);
  const index = at % text.length;
  const code = 32 + ((text.charCodeAt(index) - 32 + 1 + (to % 93)) % 94);
  return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
}
