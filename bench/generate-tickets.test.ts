import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { compileContract } from '../data/generate/contract-judge.ts';
import { generateTickets, type PlantedTickets } from './generate-tickets.ts';

const RECORDS = 20_000;
const command = join(import.meta.dirname, 'generate-tickets.ts');
const contract = compileContract(join(import.meta.dirname, '../contracts/data/ticket.json'));
const folder = mkdtempSync(join(tmpdir(), 'bench-tickets-'));
after(() => rmSync(folder, { recursive: true }));

describe('a generated file', () => {
  let planted: PlantedTickets;
  let bytes: Buffer;
  let lines: string[];

  before(async () => {
    const out = join(folder, 'tickets.jsonl');
    planted = await generateTickets({ records: RECORDS, seed: 7, out });
    bytes = readFileSync(out);
    lines = bytes.toString().split('\n');
    assert.equal(lines.pop(), '');
  });

  test('is as large as it says and has the checksum that it says', () => {
    assert.equal(planted.size_bytes, bytes.length);
    assert.equal(planted.checksum_sha256, createHash('sha256').update(bytes).digest('hex'));
    const mean = bytes.length / RECORDS;
    assert.ok(mean > 1000 && mean < 1100, `${mean} bytes a record`);
  });

  test('holds what was planted: a recount under the contract finds the same', () => {
    const seen = new Set<string>();
    const found = { records: 0, accepted: 0, duplicate: 0, invalid: 0, non_ascii: 0 };
    const byRule = Object.fromEntries(Object.keys(planted.invalid_by_rule).map((rule) => [rule, 0]));
    for (const line of lines) {
      found.records += 1;
      if (/[^\x20-\x7e]/.test(line)) found.non_ascii += 1;
      const violations = contract.violations(JSON.parse(line));
      const [first] = violations;
      if (first !== undefined) {
        assert.equal(violations.length, 1, line);
        found.invalid += 1;
        byRule[first.rule] = (byRule[first.rule] ?? 0) + 1;
      } else if (seen.has(line)) {
        found.duplicate += 1;
      } else {
        seen.add(line);
        found.accepted += 1;
      }
    }
    const { size_bytes: _, checksum_sha256: __, ...counts } = planted;
    assert.deepEqual({ ...found, invalid_by_rule: byRule }, counts);
  });

  test('has about one invalid and one repeated record in a hundred, and some text beyond ASCII', () => {
    for (const share of [planted.invalid / RECORDS, planted.duplicate / RECORDS]) {
      assert.ok(share > 0.008 && share < 0.012, `${share}`);
    }
    assert.ok(planted.non_ascii / RECORDS > 0.03 && planted.non_ascii / RECORDS < 0.12);
  });

  test('goes forward in time, out of order by an hour at most, duplicates aside', () => {
    const seen = new Set<string>();
    let latest = 0;
    let late = 0;
    for (const line of lines) {
      const { ticket_id, created_at } = JSON.parse(line) as { ticket_id: string; created_at: string };
      if (seen.has(ticket_id)) continue;
      seen.add(ticket_id);
      const created = Date.parse(`${created_at.slice(0, 19)}Z`);
      assert.ok(created > latest - 3_600_000, line);
      if (created < latest) late += 1;
      latest = Math.max(latest, created);
    }
    assert.ok(late > RECORDS / 10, 'no jitter');
    assert.ok(latest - Date.parse('2016-01-01') > (RECORDS - 60) * 60_000);
  });

  test('is the same for the same seed, shorter ones being its beginning, and another for another seed', async () => {
    const again = join(folder, 'again.jsonl');
    await generateTickets({ records: 500, seed: 7, out: again });
    assert.ok(bytes.subarray(0, readFileSync(again).length).equals(readFileSync(again)));
    await generateTickets({ records: 500, seed: 8, out: again });
    assert.ok(!bytes.subarray(0, readFileSync(again).length).equals(readFileSync(again)));
  });
});

describe('the command', () => {
  const run = (args: readonly string[], flags: readonly string[] = []) =>
    promisify(execFile)(process.execPath, [...flags, command, ...args]);

  test('writes a file many times larger than its heap and prints what was planted', async () => {
    const args = ['--records', '120000', '--seed', '3', '--out', '/dev/null'];
    const { stdout } = await run(args, ['--max-old-space-size=16']);
    const planted = JSON.parse(stdout) as PlantedTickets;
    assert.equal(planted.records, 120_000);
    assert.ok(planted.size_bytes > 6 * 16 * 1024 * 1024);
  });

  test('says how it is used when it is called wrongly', async () => {
    for (const args of [[], ['--records', 'many', '--out', join(folder, 'x')], ['--records', '5']]) {
      await assert.rejects(run(args), ({ code, stderr }: { code: number; stderr: string }) => {
        return code === 2 && stderr.startsWith('usage:');
      });
    }
  });
});
