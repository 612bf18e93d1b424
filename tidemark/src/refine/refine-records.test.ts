import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { buildContract } from '../contract/build-contract.ts';
import type { Contract } from '../contract/contract.ts';
import { digestOf, EMPTY_DIGEST, mergeDigests } from '../model/digest.ts';
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts';
import { recordImbalance } from '../model/tally.ts';
import { fingerprintOf, fingerprintOfBytes } from './fingerprint.ts';
import { refineRecords } from './refine-records.ts';
import type { RecordWindow } from './refined.ts';

const TIME = { type: ['string', 'null'], format: 'date-time' };
const CONTRACT = contractOf({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'omni://contracts/data/ticket/v1',
  type: 'object',
  additionalProperties: false,
  required: ['ticket_id'],
  properties: {
    ticket_id: { type: 'string', pattern: '^T-[0-9]+$' },
    created_at: TIME,
    updated_at: TIME,
    sequence: { type: 'integer' },
    priority: { enum: ['low', 'high'] },
    subject: { type: 'string' },
    more: { type: 'object' },
    source_id: { type: 'string' },
    ingest_batch_id: { type: 'string' },
  },
});

function contractOf(document: Parameters<typeof buildContract>[0]['document']): Contract {
  const ref = 'omni://contracts/data/ticket/v1';
  const reading = buildContract({ ref, path: 'ticket.json', document, limits: DEFAULT_LIMITS });
  assert.ok(reading.kind === 'contract', JSON.stringify(reading));
  return reading.contract;
}

const root = mkdtempSync(join(tmpdir(), 'tidemark-refine-'));
after(() => rmSync(root, { recursive: true }));

interface Given {
  readonly window?: RecordWindow;
  readonly limits?: Partial<Limits>;
  readonly contract?: Contract;
}

interface Row {
  readonly record_line: number;
  readonly record_offset: number;
  readonly record_fingerprint: string;
}
interface RejectedRow extends Row {
  readonly record_length: number;
  readonly violations: readonly { rule: string; pointer: string; expected: string; received: string }[];
}

function rowsOf<T>(paths: readonly string[]): T[] {
  const text = paths.map((path) => readFileSync(path, 'utf8')).join('');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}

/** Refines a file of this content and holds the result against what must hold for every file. */
async function refine(content: string | Buffer, given: Given = {}) {
  const folder = mkdtempSync(join(root, 'unit-'));
  const path = join(folder, 'object.jsonl');
  const scratchDir = mkdtempSync(join(folder, 'scratch-'));
  writeFileSync(path, content);
  const progress: (readonly [number, number])[] = [];
  const unit = await refineRecords({
    path,
    contract: given.contract ?? CONTRACT,
    window: given.window ?? null,
    scratchDir,
    limits: { ...DEFAULT_LIMITS, ...given.limits },
    signal: new AbortController().signal,
    onProgress: (bytes, records) => progress.push([bytes, records]),
  });
  const accepted = rowsOf<Row & Record<string, unknown>>(unit.acceptedParts);
  const rejects = rowsOf<RejectedRow>(unit.rejectsPath === null ? [] : [unit.rejectsPath]);
  const outOfWindow = rowsOf<Row & { cursor_value: string }>(
    unit.outOfWindowPath === null ? [] : [unit.outOfWindowPath],
  );

  assert.equal(recordImbalance(unit.tally), 0, 'the account closes');
  assert.deepEqual(mergeDigests([unit.accepted, unit.rejected, unit.outOfWindow]), unit.read);
  for (const [rows, digest, count] of [
    [accepted, unit.accepted, unit.tally.accepted],
    [rejects, unit.rejected, unit.tally.rejected],
    [outOfWindow, unit.outOfWindow, unit.tally.out_of_window],
  ] as const) {
    assert.equal(rows.length, count, 'every record of an outcome has its row');
    assert.deepEqual(mergeDigests(rows.map((row) => digestOf(row.record_fingerprint))), digest);
  }
  const fingerprints = unit.fingerprintsPaths.map((file) => readFileSync(file, 'latin1')).join('');
  assert.equal(
    fingerprints,
    accepted.map((row) => `${row.record_fingerprint},${row.record_line},${row.record_offset}\n`).join(''),
    'what deduplication reads is what was accepted',
  );
  const lines = [...unit.acceptedParts, unit.rejectsPath, unit.outOfWindowPath].filter(
    (file) => file !== null,
  );
  const lengths = lines.flatMap((file) =>
    readFileSync(file, 'latin1')
      .split('\n')
      .map((line) => line.length),
  );
  assert.equal(unit.longestLineBytes, lines.length === 0 ? 0 : Math.max(...lengths) + 1);
  const named = [...lines, ...unit.fingerprintsPaths];
  assert.deepEqual(readdirSync(scratchDir).sort(), named.map((file) => basename(file)).sort());
  return { unit, accepted, rejects, outOfWindow, progress, names: named.map((file) => basename(file)) };
}

function bytesOf(line: string | Buffer): Buffer {
  return typeof line === 'string' ? Buffer.from(line) : line;
}

/** One rejected line between two good ones: the good ones must be untouched. */
async function rejectionOf(line: string | Buffer, given: Given = {}): Promise<RejectedRow> {
  const before = Buffer.from('{"ticket_id":"T-1"}\n');
  const payload = bytesOf(line);
  const file = Buffer.concat([before, payload, Buffer.from('\r\n{"ticket_id":"T-3"}')]);
  const { accepted, rejects } = await refine(file, given);
  assert.deepEqual(
    accepted.map((row) => [row.record_line, row.ticket_id]),
    [
      [1, 'T-1'],
      [3, 'T-3'],
    ],
  );
  const [reject, ...others] = rejects;
  assert.ok(reject !== undefined && others.length === 0);
  assert.equal(reject.record_line, 2);
  const { record_offset: offset, record_length: length } = reject;
  assert.ok(
    file.subarray(offset, offset + length).equals(payload),
    'the payload reference gives the line back',
  );
  return reject;
}

function ticket(id: number, more: object = {}): string {
  return JSON.stringify({ ticket_id: `T-${id}`, ...more });
}

describe('a file of good records', () => {
  it('becomes one row per record, with line, offset and fingerprint, in the order of the file', async () => {
    const lines = [
      ticket(1, { created_at: '2024-05-01T02:00:00+02:00', sequence: 7, more: { a: [1] } }),
      ticket(2, { created_at: null, subject: 'é "中" 😀' }),
    ];
    const { accepted, unit, names } = await refine(`${lines.join('\n')}\n`);
    const empty = Object.fromEntries(CONTRACT.columns.map(({ name }) => [name, null]));
    assert.deepEqual(accepted, [
      {
        ...empty,
        ticket_id: 'T-1',
        created_at: '2024-05-01 00:00:00.000000+00',
        sequence: 7,
        more: '{"a":[1]}',
        record_line: 1,
        record_offset: 0,
        record_fingerprint: fingerprintOf(
          '{"created_at":"2024-05-01T02:00:00+02:00","more":{"a":[1]},"sequence":7,"ticket_id":"T-1"}',
        ),
      },
      {
        ...empty,
        ticket_id: 'T-2',
        subject: 'é "中" 😀',
        record_line: 2,
        record_offset: Buffer.byteLength(lines[0] as string) + 1,
        record_fingerprint: fingerprintOf('{"created_at":null,"subject":"é \\"中\\" 😀","ticket_id":"T-2"}'),
      },
    ]);
    assert.deepEqual(names, ['accepted-00001.ndjson', 'fingerprints-00001.csv']);
    assert.equal(unit.tally.read, 2);
  });

  it('may begin with a byte order mark, end lines with CRLF, and lack the last newline', async () => {
    const { accepted } = await refine(`\ufeff${ticket(1)}\r\n${ticket(2)}\n${ticket(3)}`);
    assert.deepEqual(
      accepted.map((row) => [row.ticket_id, row.record_line, row.record_offset]),
      [
        ['T-1', 1, 3],
        ['T-2', 2, 24],
        ['T-3', 3, 44],
      ],
    );
  });

  it('may have blank lines, which are counted apart and keep the line numbers true', async () => {
    const { accepted, unit } = await refine(`\n${ticket(1)}\n \t\r\n\r\n${ticket(2)}\n\n`);
    assert.deepEqual([unit.tally.read, unit.tally.blank], [2, 4]);
    assert.deepEqual(
      accepted.map((row) => row.record_line),
      [2, 5],
    );
  });

  it('may be empty: no row, no file', async () => {
    for (const content of ['', '\ufeff', '\n', ' \n\r\n']) {
      const { unit, names } = await refine(content);
      assert.equal(unit.tally.read, 0);
      assert.deepEqual([unit.read, unit.eventTime, unit.cursorMax, names], [EMPTY_DIGEST, null, null, []]);
    }
  });

  it('keeps both of two equal records: which is the duplicate is found later', async () => {
    const { accepted, unit } = await refine(`${ticket(1)}\n${ticket(1)}\n`);
    assert.equal(accepted[0]?.record_fingerprint, accepted[1]?.record_fingerprint);
    assert.deepEqual([unit.tally.accepted, unit.tally.duplicate], [2, 0]);
  });

  it('says from when to when its events happened, and how many have no time', async () => {
    const times = ['2024-05-02T00:00:00Z', null, '2024-05-01T23:00:00-02:00', '2024-05-01T00:00:00.5Z'];
    const lines = times.map((created_at, at) => ticket(at, { created_at }));
    const { unit } = await refine(lines.join('\n'));
    assert.deepEqual(unit.eventTime, {
      min: '2024-05-01 00:00:00.500000+00',
      max: '2024-05-02 01:00:00.000000+00',
      missing: 1,
    });
    assert.equal((await refine(ticket(1))).unit.eventTime, null);
  });

  it('is cut into parts, the last line of each whole', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => ticket(at));
    const whole = await refine(lines.join('\n'));
    const cut = await refine(lines.join('\n'), { limits: { partBytesMax: 1000 } });
    assert.ok(cut.unit.acceptedParts.length > 3, `${cut.unit.acceptedParts.length} parts`);
    assert.deepEqual(cut.accepted, whole.accepted);
  });
});

describe('a record’s fingerprint', () => {
  const fingerprint = async (line: string) => {
    const { accepted } = await refine(line);
    assert.equal(accepted.length, 1);
    return accepted[0]?.record_fingerprint;
  };

  it('does not depend on spelling or on lineage', async () => {
    const one = await fingerprint('{"ticket_id":"T-1","sequence":10,"subject":"é"}');
    for (const same of [
      '{"subject":"é","ticket_id":"T-1","sequence":10}',
      ' { "ticket_id" : "T-1" , "sequence":1e1, "subject":"\\u00e9" } ',
      '{"ticket_id":"T-1","sequence":10.0,"subject":"é","source_id":"a","ingest_batch_id":"b"}',
      '{"\\u0074icket_id":"T-1","sequence":10,"subject":"é","source_id":"c"}',
    ]) {
      assert.equal(await fingerprint(same), one, same);
    }
  });

  it('tells missing from null, and numbers apart that a double takes for one', async () => {
    assert.notEqual(await fingerprint(ticket(1)), await fingerprint(ticket(1, { created_at: null })));
    assert.notEqual(
      await fingerprint('{"ticket_id":"T-1","sequence":9007199254740993}'),
      await fingerprint('{"ticket_id":"T-1","sequence":9007199254740992}'),
    );
  });

  it('keeps a large integer whole in its row', async () => {
    const { unit } = await refine('{"ticket_id":"T-1","sequence":9223372036854775807}');
    assert.match(
      readFileSync(unit.acceptedParts[0] as string, 'utf8'),
      /"sequence":"?9223372036854775807[",}]/,
    );
  });
});

describe('a line that is no record is rejected under its own rule', () => {
  const limits = { lineBytesMax: 200, recordDepthMax: 5, chunkBytes: 16 };
  const cases: readonly (readonly [string, string | Buffer, string])[] = [
    ['not JSON', '{"ticket_id":"T-2",}', 'malformed_json'],
    ['cut short', '{"ticket_id":"T-2"', 'malformed_json'],
    ['with a NUL in it', '{"ticket_id":"T-2"}\0', 'malformed_json'],
    ['with an ideographic space around it', '\u3000{"ticket_id":"T-2"}', 'malformed_json'],
    ['with a key twice', '{"ticket_id":"T-2","ticket_id":"T-2"}', 'duplicate_key'],
    ['with a nested key twice', '{"ticket_id":"T-2","more":{"a":[{"b":1,"b":1}]}}', 'duplicate_key'],
    ['with a key twice in disguise', '{"ticket_id":"T-2","ticket\\u005fid":"T-2"}', 'duplicate_key'],
    ['in Latin-1', Buffer.from('{"ticket_id":"T-2","subject":"café"}', 'latin1'), 'invalid_utf8'],
    ['with an overlong encoding', Buffer.from('{"ticket_id":"T-\xc0\xb2"}', 'latin1'), 'invalid_utf8'],
    ['with a surrogate in UTF-8', Buffer.from('{"subject":"\xed\xa0\x80"}', 'latin1'), 'invalid_utf8'],
    ['with half a surrogate pair', '{"ticket_id":"T-2","subject":"\\ud83d"}', 'invalid_unicode'],
    ['with half a surrogate pair in a key', '{"ticket_id":"T-2","more":{"\\ude00":1}}', 'invalid_unicode'],
    ['too long', JSON.stringify({ ticket_id: 'T-2', subject: 'x'.repeat(300) }), 'line_too_long'],
    ['too deep', '{"ticket_id":"T-2","more":{"a":[[[[1]]]]}}', 'too_deep'],
    ['an array', '[{"ticket_id":"T-2"}]', 'not_an_object'],
    ['a string', '"T-2"', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
  ];
  for (const [name, line, rule] of cases) {
    it(`${name}: ${rule}`, async () => {
      const reject = await rejectionOf(line, { limits });
      assert.deepEqual(
        reject.violations.map((violation) => violation.rule),
        [rule],
      );
      assert.equal(reject.record_fingerprint, fingerprintOfBytes(bytesOf(line)));
    });
  }

  it('and two lines of the same bytes have one fingerprint', async () => {
    const { rejects } = await refine('x\r\nx\n');
    assert.equal(rejects[0]?.record_fingerprint, rejects[1]?.record_fingerprint);
  });
});

describe('a record that breaks its contract', () => {
  it('is rejected with every violation, and has its canonical fingerprint', async () => {
    const reject = await rejectionOf('{"ticket_id":"X","priority":"urgent","wrong":1}');
    assert.deepEqual(reject.violations.map(({ rule }) => rule).sort(), [
      'additionalProperties',
      'enum',
      'pattern',
    ]);
    assert.equal(reject.record_fingerprint, fingerprintOf('{"priority":"urgent","ticket_id":"X","wrong":1}'));
  });

  it('is rejected for a key named __proto__ like for any other unknown key', async () => {
    for (const line of [
      '{"ticket_id":"T-2","__proto__":{}}',
      '{"ticket_id":"T-2","__proto__":{"sequence":1e0}}',
    ]) {
      const reject = await rejectionOf(line);
      assert.deepEqual(
        reject.violations.map(({ rule }) => rule),
        ['additionalProperties'],
      );
    }
  });

  it('does not borrow its required keys from __proto__', async () => {
    const reject = await rejectionOf('{"__proto__":{"ticket_id":"T-2"}}');
    assert.ok(reject.violations.some(({ rule }) => rule === 'required'));
  });

  it('is rejected where its column cannot hold a value exactly', async () => {
    for (const line of [
      ticket(2, { created_at: '2024-05-01T00:00:00.1234567Z' }),
      ticket(2, { created_at: '2016-12-31T23:59:60Z' }),
      '{"ticket_id":"T-2","sequence":9223372036854775808}',
    ]) {
      const reject = await rejectionOf(line);
      assert.deepEqual(
        reject.violations.map(({ rule }) => rule),
        ['unrepresentable'],
        line,
      );
    }
  });

  it('keeps a bounded list of reasons', async () => {
    const contract: Contract = {
      ...CONTRACT,
      validate: () =>
        Array.from({ length: 50 }, () => ({ rule: 'enum', pointer: '', expected: '', received: '' })),
    };
    const { rejects } = await refine(ticket(1, { priority: 'none' }), {
      contract,
      limits: { violationsPerRecordMax: 7 },
    });
    assert.equal(rejects[0]?.violations.length, 7);
  });
});

describe('a window', () => {
  const window = {
    field: 'updated_at',
    startAt: '2024-05-01T00:00:00Z',
    endBefore: '2024-06-01T00:00:00Z',
  };

  it('counts what lies outside, without storing it, and keeps its value', async () => {
    const times = [
      '2024-04-30T23:59:59Z',
      '2024-05-01T00:00:00Z',
      '2024-05-31T23:59:59+02:00',
      '2024-06-01T00:00:00Z',
      '2024-06-01T01:00:00+02:00',
    ];
    const lines = times.map((updated_at, at) => ticket(at, { updated_at }));
    const { accepted, outOfWindow, unit } = await refine(lines.join('\n'), { window });
    assert.deepEqual(
      accepted.map((row) => row.record_line),
      [2, 3, 5],
    );
    assert.deepEqual(
      outOfWindow.map((row) => [row.record_line, row.cursor_value]),
      [
        [1, '2024-04-30T23:59:59Z'],
        [4, '2024-06-01T00:00:00Z'],
      ],
    );
    assert.equal(unit.cursorMax, '2024-06-01T01:00:00+02:00', 'the source’s own text of the greatest inside');
  });

  it('rejects a record that has nothing to be cut by', async () => {
    const { rejects } = await refine([ticket(1), ticket(2, { updated_at: null })].join('\n'), { window });
    assert.deepEqual(
      rejects.map((row) => row.violations.map(({ rule, pointer }) => [rule, pointer])),
      [[['cursor_missing', '/updated_at']], [['cursor_missing', '/updated_at']]],
    );
  });

  it('is asked only of records that the contract allows', async () => {
    const { rejects } = await refine(ticket(1, { updated_at: '2020-01-01T00:00:00Z', priority: 'urgent' }), {
      window,
    });
    assert.deepEqual(
      rejects[0]?.violations.map(({ rule }) => rule),
      ['enum'],
    );
  });

  it('has no greatest value where nothing was inside', async () => {
    const { unit } = await refine(ticket(1, { updated_at: '2020-01-01T00:00:00Z' }), { window });
    assert.equal(unit.cursorMax, null);
  });

  it('moves past rejected records, and never past what lies outside', async () => {
    const lines = [
      ticket(1, { updated_at: '2024-06-01T00:00:00Z' }),
      ticket(2, { updated_at: '2024-06-02T00:00:00Z', priority: 'urgent' }),
      ticket(3, { updated_at: '2031-01-01T00:00:00Z', priority: 'urgent' }),
    ];
    const until = { ...window, endBefore: '2030-01-01T00:00:00Z' };
    assert.equal((await refine(lines.join('\n'), { window: until })).unit.cursorMax, '2024-06-02T00:00:00Z');
  });

  it('that the contract cannot be cut by stops the run before anything is read', async () => {
    await assert.rejects(refine(ticket(1), { window: { ...window, field: 'uptaded_at' } }), {
      code: 'TM3001',
      disposition: 'configuration',
      message: /uptaded_at/,
    });
  });
});

describe('refining', () => {
  it('tells how far it is: bytes and records so far', async () => {
    const lines = Array.from({ length: 100 }, (_, at) => ticket(at)).join('\n');
    const { progress } = await refine(lines, { limits: { chunkBytes: 512 } });
    assert.deepEqual(progress.at(-1), [lines.length, 100]);
    assert.ok(progress.length >= lines.length / 512);
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
    );
  });

  it('stops when it is aborted, and says why', async () => {
    const folder = mkdtempSync(join(root, 'aborted-'));
    const path = join(folder, 'object.jsonl');
    writeFileSync(path, `${ticket(1)}\n`.repeat(1000));
    const controller = new AbortController();
    let seen = 0;
    const refining = refineRecords({
      path,
      contract: CONTRACT,
      window: null,
      scratchDir: mkdtempSync(join(folder, 'scratch-')),
      limits: { ...DEFAULT_LIMITS, chunkBytes: 1024 },
      signal: controller.signal,
      onProgress: (_bytes, records) => {
        seen = records;
        controller.abort(new Error('the user pressed Ctrl-C'));
      },
    });
    await assert.rejects(refining, /the user pressed Ctrl-C/);
    assert.ok(seen < 100, `stopped after ${seen} records`);
  });

  it('passes a full disk on as the system’s own error', {
    skip: !existsSync('/dev/full') && 'needs /dev/full',
  }, async () => {
    for (const [name, line] of [
      ['accepted', ticket(1)],
      ['rejects', 'x'],
    ]) {
      const folder = mkdtempSync(join(root, 'full-'));
      const path = join(folder, 'object.jsonl');
      writeFileSync(path, `${line}\n`);
      symlinkSync('/dev/full', join(folder, `${name}-00001.ndjson`));
      const refining = refineRecords({
        path,
        contract: CONTRACT,
        window: null,
        scratchDir: folder,
        limits: DEFAULT_LIMITS,
        signal: new AbortController().signal,
      });
      await assert.rejects(refining, { code: 'ENOSPC' });
    }
  });

  it('gives the same whatever the lines, their terminators and the size of the reads', async () => {
    const line = fc.oneof(
      fc.nat(9).map((id) => ticket(id, { updated_at: `2024-05-0${id}T00:00:00Z` })),
      fc
        .nat(9)
        .map((id) =>
          ticket(id, { updated_at: '2024-05-05T00:00:00Z', created_at: `2024-05-01T0${id}:00:00Z` }),
        ),
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((subject) => ticket(1, { subject })),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', ' ')),
      fc.constantFrom('', ' ', '\t', '\r', '{"a":1,"a":2}', '[]', '{', '\ufeff', `"${'x'.repeat(130)}"`),
    );
    const terminated = fc
      .tuple(line, fc.constantFrom('\n', '\r\n'))
      .map(([text, end]) => Buffer.from(text + end));
    const file = fc
      .tuple(fc.boolean(), fc.array(terminated, { maxLength: 8 }), line)
      .map(([bom, lines, last]) =>
        Buffer.concat([Buffer.from(bom ? '\ufeff' : ''), ...lines, Buffer.from(last)]),
      );
    const window = {
      field: 'updated_at',
      startAt: '2024-05-03T00:00:00Z',
      endBefore: '2024-05-07T00:00:00Z',
    };
    await fc.assert(
      fc.asyncProperty(file, async (content) => {
        const limits = { lineBytesMax: 120, partBytesMax: 400 };
        const { progress: _, unit, ...whole } = await refine(content, { window, limits });
        const {
          acceptedParts: _a,
          fingerprintsPaths: _f,
          rejectsPath: _r,
          outOfWindowPath: _o,
          ...sums
        } = unit;
        for (const chunkBytes of [1, 5, 64]) {
          const again = await refine(content, { window, limits: { ...limits, chunkBytes } });
          const { progress: _, unit: unitAgain, ...rows } = again;
          assert.deepEqual(rows, whole);
          const { acceptedParts, fingerprintsPaths, rejectsPath, outOfWindowPath, ...sumsAgain } = unitAgain;
          assert.deepEqual(sumsAgain, sums);
        }
        for (const { record_offset: offset, record_length: length, record_line } of whole.rejects) {
          const upTo = content.subarray(0, offset + length).toString('latin1');
          assert.equal(upTo.split('\n').length, record_line, 'offset and length lie in the line named');
        }
      }),
      { numRuns: 40 },
    );
  });
});
