import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { buildContract } from '../../tidemark/src/contract/build-contract.ts';
import type { Contract } from '../../tidemark/src/contract/contract.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { JSON_CASES } from './json-cases.ts';
import { judgeByLanes } from './judge-by-lanes.ts';

const REF = 'omni://contracts/data/ticket/v1';

/** One property of each kind that the compiled lane reads in its own way, and one that may be anything. */
const KINDS = {
  anything: {},
  string: { type: ['string', 'null'] },
  choice: { enum: ['a', 'b'] },
  instant: { type: 'string', format: 'date-time' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  strings: { type: 'array', items: { type: 'string' } },
};

const contract = contractOf({ ticket_id: { type: 'string' }, created_at: KINDS.instant, ...KINDS });

function contractOf(properties: object): Contract {
  const document = { $id: REF, type: 'object', additionalProperties: false, properties } as never;
  const reading = buildContract({ ref: REF, path: 'cases', document, limits: DEFAULT_LIMITS });
  assert.ok(reading.kind === 'contract', JSON.stringify(reading));
  return reading.contract;
}

function lineOf(property: string, text: string | Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`{"ticket_id":"T","${property}":`),
    Buffer.from(text),
    Buffer.from('}\n'),
  ]);
}

describe('JSON, as a parser must read it', () => {
  it('is read or refused by its rule in both lanes, whatever kind of property it stands in', async () => {
    for (const property of Object.keys(KINDS)) {
      const verdicts = await judgeByLanes(
        Buffer.concat(JSON_CASES.map(({ text }) => lineOf(property, text))),
        contract,
      );
      for (const [index, { name, text, rule }] of JSON_CASES.entries()) {
        const [violation] = verdicts.get(index + 1) ?? [];
        const what = `${name} ${String(text).slice(0, 40)} in ${property}: ${JSON.stringify(violation)}`;
        // What a text breaks as JSON comes before all that a contract could say of it.
        if (rule !== 'read') assert.equal(violation?.rule, rule, what);
        else if (property === 'anything') assert.ok(!violation || violation.rule === 'unrepresentable', what);
        else
          assert.doesNotMatch(
            violation?.rule ?? '',
            /^(malformed_json|invalid_|duplicate_key|too_deep)/,
            what,
          );
      }
    }
  });

  it('is judged alike in both lanes where one byte of a record is any of the 256', async () => {
    const sample = readFileSync(new URL('../../data/seeds/tickets/helpdesk-main.jsonl', import.meta.url));
    const [record = ''] = sample.toString('latin1').split('\n');
    const places = Array.from({ length: 60 }, (_, at) => Math.floor((at * record.length) / 60));
    const lines = places.flatMap((at) =>
      Array.from(
        { length: 256 },
        (_, byte) => record.slice(0, at) + String.fromCharCode(byte) + record.slice(at + 1),
      ),
    );
    const ticket = JSON.parse(
      readFileSync(new URL('../../contracts/data/ticket.json', import.meta.url), 'utf8'),
    );
    const reading = buildContract({ ref: REF, path: 'ticket', document: ticket, limits: DEFAULT_LIMITS });
    assert.ok(reading.kind === 'contract');
    const verdicts = await judgeByLanes(Buffer.from(lines.join('\n'), 'latin1'), reading.contract);
    assert.ok(verdicts.size > lines.length);
  });
});
