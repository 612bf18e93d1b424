import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { leastAsset, leastManifest, problemsIn, problemsOf } from './manifest.fixture.ts';
import { readManifest } from './read-manifest.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const at = (text: string | Uint8Array) =>
  problemsIn(text).map((problem) => `${problem.line}:${problem.column} ${problem.rule} ${problem.pointer}`);

describe('a manifest that may be used', () => {
  it('is given back with its path, its content and the SHA-256 of its exact bytes', () => {
    const text = `\ufeff${JSON.stringify(leastManifest())}\r\n`;
    const reading = readManifest({ path: 'seeds/m.json', bytes: encode(text) });
    assert.deepEqual(reading, {
      kind: 'declared',
      declared: {
        path: 'seeds/m.json',
        contentHash: createHash('sha256').update(text).digest('hex'),
        manifest: leastManifest(),
      },
    });
  });
});

describe('where a problem is', () => {
  const text = [
    '{',
    '  "manifest_id": "manifest-tickets-20260301-001",',
    '  "schema_version": "source_manifest_v1", "bacth_id": "b",',
    '  "modality": "document", "source_type": "help_center",',
    '  "license_tag": "cc-by",',
    '  "contract_ref": "omni://contracts/data/doc_asset/v1",',
    '  "load_mode": "full_snapshot", "owner": "Zoë 🌊", "notes": 7,',
    '  "assets": [',
    '    { "source_id": "🌊", "source_url_or_path": "a.html", "asset_type": "html" },',
    '    { "source_id": "é", "asset_type": "html", "size_bytes": -1 },',
    '    { "source_id": "🌊", "source_url_or_path": "b", "asset_type": "video" }',
    '  ],',
    '  "created_at": "yesterday"',
    '}',
  ];
  const expected = [
    '3:43 unknown_field /bacth_id',
    '5:18 unknown_value /license_tag',
    '7:61 wrong_type /notes',
    '10:5 missing_field /assets/1',
    '10:61 out_of_range /assets/1/size_bytes',
    '11:20 duplicate_source_id /assets/2/source_id',
    '11:67 pairing_asset_type /assets/2/asset_type',
    '13:17 wrong_form /created_at',
  ];

  for (const [name, newline] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`is line and column in the file, with ${name} and characters beyond ASCII`, () => {
      assert.deepEqual(at(text.join(newline)), expected);
    });
  }

  it('does not count a byte order mark', () => {
    assert.deepEqual(at(`\ufeff${text.join('\n')}`), expected);
    assert.deepEqual(at('\ufeff7'), ['1:1 wrong_type ']);
  });

  it('is the object for a field that is not there, and the second name for a field given twice', () => {
    assert.deepEqual(at('{"a":1,\n "assets": [{}], "a": 2}').slice(-5), [
      '2:13 missing_field /assets/0',
      '2:13 missing_field /assets/0',
      '2:13 missing_field /assets/0',
      '2:18 duplicate_field /a',
      '2:18 unknown_field /a',
    ]);
  });

  it('escapes the pointer as RFC 6901 asks', () => {
    assert.equal(problemsOf(leastManifest({ 'a/b~c': 1 }))[0]!.pointer, '/a~1b~0c');
  });
});

describe('text that is not UTF-8', () => {
  const text = JSON.stringify(leastManifest({ notes: 'Zürich �', owner: 7 }), null, 2);

  it('is told at its first bad byte, and the rest is judged all the same', () => {
    const latin1 = Buffer.concat([encode('\ufeff'), Buffer.from(text.replace('�', 'ü'), 'latin1')]);
    const problems = problemsIn(latin1);
    assert.deepEqual(
      problems.map((problem) => [problem.rule, problem.line]),
      [
        ['wrong_type', 18],
        ['invalid_utf8', 19],
      ],
    );
    assert.equal(problems[1]!.column, text.split('\n')[18]!.indexOf('ü') + 1);
    assert.equal(problems[1]!.found, `byte 0xfc at byte offset ${latin1.indexOf(0xfc)}`);
  });

  it('is not mistaken for a replacement character that the file spells out', () => {
    assert.deepEqual(
      problemsIn(text).map((problem) => problem.rule),
      ['wrong_type'],
    );
    const broken = Buffer.concat([encode('"� é '), Buffer.from([0xc3])]);
    assert.equal(problemsIn(broken).at(-1)!.found, 'byte 0xc3 at byte offset 8');
  });

  it('is called UTF-16 where it is', () => {
    const problems = problemsIn(Buffer.from(`\ufeff${text}`, 'utf16le'));
    assert.deepEqual(
      problems.map(({ rule, found, line, column }) => ({ rule, found, line, column })),
      [{ rule: 'invalid_utf8', found: 'UTF-16 text', line: 1, column: 1 }],
    );
  });

  it('is not half of a surrogate pair, though JSON can write that', () => {
    assert.deepEqual(at(JSON.stringify(leastManifest({ owner: '\ud83c' }))).length, 1);
    assert.equal(problemsOf(leastManifest({ owner: '\ud83c' }))[0]!.rule, 'invalid_unicode');
    assert.deepEqual(problemsOf(leastManifest({ owner: '🌊' })), []);
  });
});

describe('anything at all in the bytes', () => {
  const judged = (bytes: Uint8Array): void => {
    const reading = readManifest({ path: 'm.json', bytes });
    if (reading.kind === 'declared') return;
    assert.ok(reading.problems.length > 0);
    const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
    for (const { line, column, found, message } of reading.problems) {
      const text = lines[line - 1];
      assert.ok(text !== undefined && line >= 1, `line ${line} of ${lines.length}`);
      assert.ok(column >= 1 && column <= text.length + 1, `column ${column} of line ${line}`);
      assert.ok(found.length < 700 && message.length < 700);
    }
    const order = reading.problems.map((problem) => problem.line * 1e9 + problem.column);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  };
  const least = encode(JSON.stringify(leastManifest({ selection_window: { cursor_field: 'é' } }), null, 1));

  it('never throws, and gives positions inside the file', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), judged), { numRuns: 300 });
    fc.assert(fc.property(fc.string({ unit: 'binary' }).map(encode), judged), { numRuns: 300 });
    fc.assert(fc.property(fc.json().map(encode), judged), { numRuns: 300 });
  });

  it('holds for a manifest in which some bytes were changed, cut out or put in', () => {
    const damage = fc.array(
      fc.record({
        at: fc.nat(least.length - 1),
        cut: fc.nat(3),
        put: fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(...'{}[]",:\n\\/').map(encode)),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const apply = (wounds: { at: number; cut: number; put: Uint8Array }[]) =>
      wounds.reduce<Uint8Array>(
        (bytes, { at, cut, put }) => Buffer.concat([bytes.slice(0, at), put, bytes.slice(at + cut)]),
        least,
      );
    fc.assert(fc.property(damage.map(apply), judged), { numRuns: 1500 });
  });

  it('holds for a manifest whose values were replaced by any others', () => {
    const names = Object.keys(leastManifest());
    const odd = fc.dictionary(
      fc.constantFrom(...names, 'selection_window', 'gate_policy', 'bacth_id'),
      fc.jsonValue(),
    );
    const oddAssets = fc.array(
      fc.dictionary(fc.constantFrom(...Object.keys(leastAsset()), 'contract_ref'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(odd, oddAssets, (changes, assets) =>
        judged(encode(JSON.stringify({ ...leastManifest({ assets }), ...changes }))),
      ),
      { numRuns: 500 },
    );
  });

  it('holds where almost everything is wrong: a bounded number of problems is told, and that there are more', () => {
    const many = (length: number) => Array.from({ length }, (_, index) => index);
    for (const text of [
      JSON.stringify(leastManifest({ assets: many(20_000) })),
      `{${many(20_000).map((index) => `"k${index}":1`)}}`,
      `{${many(20_000).map(() => '"a":1')}}`,
      JSON.stringify(leastManifest({ assets: many(20_000).map(() => leastAsset()) })),
    ]) {
      const problems = problemsIn(text);
      assert.equal(problems.length, 10_001);
      assert.equal(problems.at(-1)!.rule, 'more_problems');
      judged(encode(text));
    }
  });

  it('tells a field called __proto__ like any other unknown one', () => {
    const text = JSON.stringify(leastManifest()).replace(
      '{',
      '{"__proto__": {"owner": 1}, "constructor": 1, ',
    );
    assert.deepEqual(
      problemsIn(text).map((problem) => `${problem.rule} ${problem.pointer}`),
      ['unknown_field /__proto__', 'unknown_field /constructor'],
    );
  });
});
