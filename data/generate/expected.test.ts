import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CALL_METADATA_PATH } from './call-metadata.ts';
import { compileContract, type Rule } from './contract-judge.ts';
import { EXPECTED_PATH, type Expected } from './expected.ts';
import type { TicketAccount } from './planned-account.ts';
import { CURSOR_START } from './practice-tickets.ts';

/** A recount that knows the files and the contract, and nothing of the plan by which they were made. */
const root = join(import.meta.dirname, '../..');
const expected = JSON.parse(readFileSync(join(root, EXPECTED_PATH), 'utf8')) as Expected;
const ticket = compileContract(join(root, 'contracts/data/ticket.json'));
const audio = compileContract(join(root, 'contracts/data/audio_asset.json'));

type Fields = Readonly<Record<string, unknown>>;

/** Fingerprint and ticket_id of what was accepted, with the place; shared by all files, in the order of batches. */
const byContent = new Map<string, { path: string; line: number }>();
const byTicket = new Map<string, { path: string; line: number }>();

const batches = [
  { files: expected.tickets_full, cursorStart: null },
  { files: expected.tickets_incremental_practice, cursorStart: CURSOR_START },
];

describe('the plan agrees with a recount of the files', () => {
  for (const { files, cursorStart } of batches) {
    const paths = files.map(({ path }) => path);
    for (const planned of files) {
      test(planned.path, () => {
        const { held: _, ...account } = { held: false, ...planned };
        assert.deepEqual(recount(account, { paths, cursorStart }), account);
      });
    }
  }

  test(CALL_METADATA_PATH, () => {
    const rejected = linesOf(CALL_METADATA_PATH).flatMap((bytes, index) => {
      const rules = audio.violations(JSON.parse(bytes.toString()));
      return rules.length === 0 ? [] : [{ line: index + 1, rules }];
    });
    assert.deepEqual(rejected, expected.call_metadata.rejected_lines);
    assert.equal(linesOf(CALL_METADATA_PATH).length, expected.call_metadata.lines);
    assert.equal(expected.call_metadata.read - rejected.length, expected.call_metadata.accepted);
  });
});

test('every account closes', () => {
  for (const account of [...expected.tickets_full, ...expected.tickets_incremental_practice]) {
    const { accepted, duplicate, duplicate_of_history, out_of_window, malformed, invalid } = account;
    const outcomes = accepted + duplicate + duplicate_of_history + out_of_window + malformed + invalid;
    assert.equal(account.read, outcomes, account.path);
    assert.equal(account.lines, account.read + account.blank, account.path);
  }
});

test('what a held file brings depends on no other file, so that its admission may come at any time', () => {
  for (const account of expected.tickets_incremental_practice.filter(({ held }) => held)) {
    assert.equal(account.accepted, account.lines);
    assert.equal(account.new_version, 0);
  }
});

function recount(
  { path, source_id }: TicketAccount,
  { paths, cursorStart }: { paths: readonly string[]; cursorStart: string | null },
): TicketAccount {
  const lines = linesOf(path);
  const rejected: TicketAccount['rejected_lines'][number][] = [];
  const duplicates: TicketAccount['duplicate_lines'][number][] = [];
  const versions: TicketAccount['new_version_lines'][number][] = [];
  const outside: number[] = [];
  const count = { blank: 0, accepted: 0, duplicate: 0, duplicate_of_history: 0, malformed: 0, invalid: 0 };
  lines.forEach((bytes, index) => {
    const line = index + 1;
    if (bytes.length === 0) {
      count.blank += 1;
      return;
    }
    const offence = lineOffence(bytes);
    if (offence !== null) {
      count.malformed += 1;
      rejected.push({ line, rules: [{ rule: offence }] });
      return;
    }
    const record = JSON.parse(bytes.toString()) as Fields;
    const rules = [...ticket.violations(record), ...unrepresentable(record)];
    if (rules.length > 0) {
      count.invalid += 1;
      rejected.push({ line, rules });
      return;
    }
    if (cursorStart !== null && Date.parse(String(record.updated_at)) < Date.parse(cursorStart)) {
      outside.push(line);
      return;
    }
    const content = contentOf(record);
    const keeper = byContent.get(content);
    if (keeper !== undefined) {
      count[paths.includes(keeper.path) ? 'duplicate' : 'duplicate_of_history'] += 1;
      duplicates.push({ line, keeper });
      return;
    }
    const id = String(record.ticket_id);
    const earlier = byTicket.get(id);
    if (earlier !== undefined) versions.push({ line, earlier });
    byContent.set(content, { path, line });
    byTicket.set(id, { path, line });
    count.accepted += 1;
  });
  return {
    path,
    source_id,
    lines: lines.length,
    read: lines.length - count.blank,
    ...count,
    out_of_window: outside.length,
    new_version: versions.length,
    rejected_lines: rejected,
    duplicate_lines: duplicates,
    out_of_window_lines: outside,
    new_version_lines: versions,
  };
}

function linesOf(path: string): Buffer[] {
  const whole = readFileSync(join(root, path));
  const bytes = whole.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? whole.subarray(3) : whole;
  const lines: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}

/** Why no record can be read from a line; tickets are flat, so a scan of its strings finds a key that comes twice. */
function lineOffence(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return 'invalid_utf8';
  const text = bytes.toString();
  let record: Fields;
  try {
    record = JSON.parse(text) as Fields;
  } catch {
    return 'malformed_json';
  }
  const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined);
  if (keys.length !== Object.keys(record).length) return 'duplicate_key';
  const wellFormed = Object.values(record).every(
    (value) => typeof value !== 'string' || value.isWellFormed(),
  );
  return wellFormed ? null : 'invalid_unicode';
}

/** Times finer than a microsecond. */
function unrepresentable(record: Fields): Rule[] {
  return ['sla_due_at', 'created_at', 'updated_at', 'resolved_at']
    .filter((name) => /\.\d{6}\d*[1-9]/.test(String(record[name])))
    .map((name) => ({ rule: 'unrepresentable', pointer: `/${name}` }));
}

/** Sorted by key, without lineage. */
function contentOf(record: Fields): string {
  const { source_id: _, ingest_batch_id: __, ...content } = record;
  return JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}
