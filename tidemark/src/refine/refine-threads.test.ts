import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { buildContract } from '../contract/build-contract.ts';
import type { Contract } from '../contract/contract.ts';
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts';
import { refineRecords } from './refine-records.ts';
import type { RefinedUnit, RefineInput } from './refined.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url));
const CONTRACT = ticketContract();
const TICKETS = read('data/seeds/tickets/helpdesk-main.jsonl');
const IN_PLACE: Partial<Limits> = { refineWorkersMax: 1 };
const IN_THREADS: Partial<Limits> = { refineWorkersMax: 3, refineInPlaceBytesMax: 1, partBytesMax: 40_000 };

const root = mkdtempSync(join(tmpdir(), 'tidemark-threads-'));
after(() => rmSync(root, { recursive: true }));

function ticketContract(): Contract {
  const document = JSON.parse(read('contracts/data/ticket.json').toString());
  const reading = buildContract({
    ref: document.$id,
    path: 'ticket.json',
    document,
    limits: DEFAULT_LIMITS,
  });
  assert.ok(reading.kind === 'contract');
  return reading.contract;
}

function request(content: Buffer, limits: Partial<Limits>, more: Partial<RefineInput> = {}): RefineInput {
  const folder = mkdtempSync(join(root, 'unit-'));
  const path = join(folder, 'object.jsonl');
  writeFileSync(path, content);
  return {
    path,
    contract: CONTRACT,
    window: null,
    scratchDir: mkdtempSync(join(folder, 'scratch-')),
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal: new AbortController().signal,
    ...more,
  };
}

/** A unit with the text of its files instead of their paths. */
function whole({ acceptedParts, fingerprintsPaths, rejectsPath, outOfWindowPath, ...unit }: RefinedUnit) {
  const text = (path: string | null) => (path === null ? null : readFileSync(path, 'utf8'));
  return {
    ...unit,
    accepted: acceptedParts.map(text).join(''),
    fingerprints: fingerprintsPaths.map(text).join(''),
    rejects: text(rejectsPath),
    outOfWindow: text(outOfWindowPath),
    digests: [unit.accepted, unit.outOfWindow],
  };
}

describe('a large object', () => {
  it('comes to the same in threads as in one piece, in the order of its lines', async () => {
    const window = { field: 'created_at', startAt: '2026-02-01', endBefore: '2026-03-12' };
    for (const more of [{}, { window }, { lane: 'explaining' as const }]) {
      const alone = await refineRecords(request(TICKETS, IN_PLACE, more));
      const beside = await refineRecords(request(TICKETS, IN_THREADS, more));
      assert.ok(beside.acceptedParts.length > 3);
      assert.deepEqual(whole(beside), whole(alone));
    }
  });

  it('comes to the same where it has fewer lines than threads, or lines longer than a stretch', async () => {
    const [ticket = ''] = TICKETS.toString().split('\n');
    const long = ticket.replace('"description":"', `"description":"${'x'.repeat(200_000)}`);
    for (const content of [
      '\ufeff',
      '{}',
      `\n\n${ticket}`,
      `${long}\r\n${ticket}\n${long}`,
      `${long}\n\n\n`,
    ]) {
      const alone = await refineRecords(request(Buffer.from(content), IN_PLACE));
      const beside = await refineRecords(request(Buffer.from(content), IN_THREADS));
      assert.deepEqual(whole(beside), whole(alone), content.slice(0, 50));
    }
  });

  it('tells its progress as one account, up to all records', async () => {
    const told: number[] = [];
    const { tally } = await refineRecords(
      request(TICKETS, IN_THREADS, { onProgress: (_bytes, records) => told.push(records) }),
    );
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.equal(told.at(-1), tally.read);
  });

  it('is given up when it is aborted, with the reason', async () => {
    const controller = new AbortController();
    const refining = refineRecords(
      request(TICKETS, IN_THREADS, {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('the user pressed Ctrl-C')),
      }),
    );
    await assert.rejects(refining, /the user pressed Ctrl-C/);
  });

  it('is given up when a thread is lost, by an error that names the object and what to do', async () => {
    // A contract that no judge can be made of ends the thread that wants one.
    const contract = { ...CONTRACT, schema: { ...CONTRACT.schema, $dynamicRef: '#' } };
    const input = request(TICKETS, IN_THREADS, { contract });
    await assert.rejects(refineRecords(input), {
      name: 'TransientError',
      code: 'TM4401',
      message: new RegExp(`A thread that refined ${input.path} was lost: .*cannot judge records`),
      next: /refineWorkersMax/,
    });
  });

  it('fails with the system’s own error when a thread cannot write', async () => {
    const input = request(TICKETS, IN_THREADS);
    mkdirSync(join(input.scratchDir, 'range-00001/accepted-00001.ndjson'), { recursive: true });
    await assert.rejects(refineRecords(input), { code: 'EISDIR' });
  });
});
