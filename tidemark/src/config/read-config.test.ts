import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { settingsOf } from '../model/manifest-settings.ts';
import { parseConfig } from './read-config.ts';

const parse = (text: string) => parseConfig({ root: '/project', path: '/project/tidemark.yaml', text });

describe('tidemark.yaml', () => {
  it('may be absent, empty or a comment: the defaults hold', () => {
    for (const text of ['', '# nothing\n', 'home: .tidemark\n']) {
      const config = parse(text);
      assert.equal(config.homeDir, '/project/.tidemark');
      assert.equal(config.contractsDir, '/project/contracts/data');
      assert.deepEqual(config.limits, DEFAULT_LIMITS);
    }
  });

  it('sets folders, limits and partitioning', () => {
    const config = parse(
      'home: /var/tidemark\ncontracts: c\nlimits:\n  chunkBytes: 64\ntables:\n  ticket:\n    partition_by: ["day(created_at)"]\n',
    );
    assert.equal(config.homeDir, '/var/tidemark');
    assert.equal(config.contractsDir, '/project/c');
    assert.equal(config.limits.chunkBytes, 64);
    assert.deepEqual(config.partitionBy, { ticket: ['day(created_at)'] });
  });

  it('says of a manifest how often data is due, how late it may come and how it is cut into partitions', () => {
    const { manifestSettings } = parse(
      'manifest_settings:\n  desk-tickets: { cadence: 1d, lateness: PT6H, lookback: 2h, null_cursor: include, cursor_clock: database, partitions: daily, write_mode: current_by_key, reject_threshold: 2.5% }\n  ledger:\n    lookback: 9007199254740993\n',
    );
    assert.deepEqual(settingsOf(manifestSettings, { manifest_id: 'desk-tickets' }), {
      cadenceMs: 86_400_000,
      latenessMs: 21_600_000,
      lookback: { kind: 'duration', ms: 7_200_000 },
      nullCursor: 'include',
      cursorClock: 'database',
      partitionMs: 86_400_000,
      writeMode: 'current_by_key',
      rejectThreshold: { kind: 'percent', percent: 2.5 },
      formats: {},
    });
    assert.deepEqual(settingsOf(manifestSettings, { manifest_id: 'ledger' }).lookback, {
      kind: 'steps',
      steps: 9_007_199_254_740_993n,
    });
    for (const unknown of ['another', 'toString'])
      assert.deepEqual(
        settingsOf(manifestSettings, { manifest_id: unknown }),
        settingsOf({}, { manifest_id: unknown }),
      );
  });

  it('says how URLs are read: what private addresses, and by which credentials, by reference alone', () => {
    const { http } = parse(
      `http:
  allow_private: [Files.internal, "10.1.0.0/16", "fd00::/8", "localhost:8080"]
  credentials:
    https://api.example.com: { bearer: "\${env:TOKEN}" }
    https://files.example.com/: { headers: { X-Api-Key: "\${file:secrets/key}" } }
`,
    );
    assert.deepEqual(http.allowPrivate, ['files.internal', '10.1.0.0/16', 'fd00::/8', 'localhost:8080']);
    assert.deepEqual(http.credentials, {
      'https://api.example.com': { kind: 'bearer', token: `\${env:TOKEN}` },
      'https://files.example.com': { kind: 'headers', headers: { 'x-api-key': `\${file:secrets/key}` } },
    });
  });

  for (const [what, credential] of [
    ['a token', '{ bearer: hunter2 }'],
    ['a password', '{ basic: "me:hunter2" }'],
    ['a header', '{ headers: { X-Api-Key: hunter2 } }'],
    ['a kind of its own', '{ hunter2: "hunter2" }'],
  ] as const)
    it(`is refused where ${what} is written out, without showing it`, () => {
      assert.throws(
        () => parse(`http:\n  credentials:\n    https://api.example.com: ${credential}\n`),
        ({ message }: Error) =>
          /tidemark\.yaml:3:\d+ http\.credentials/.test(message) && !/hunter2/.test(message),
      );
    });

  it('names databases and their queries, whose passwords are given by reference alone', () => {
    const url = `postgres://reader:\${env:PASSWORD}@\${env:HOST}/crm`;
    const { connections } = parse(`connections: { crm: { url: "${url}", queries: { one: SELECT 1 } } }`);
    assert.deepEqual(connections, { crm: { url, queries: { one: 'SELECT 1' } } });
    for (const written of ['postgres://me:hunter2@db/crm', 'postgres://db/crm?password=hunter2'])
      assert.throws(
        () => parse(`connections:\n  crm:\n    url: ${written}\n`),
        ({ message }: Error) =>
          /tidemark\.yaml:3:\d+ connections\.crm\.url: a password/.test(message) && !/hunter2/.test(message),
      );
  });

  for (const [what, text, message] of [
    [
      'a header that a request sets by itself',
      `http: { credentials: { "http://a": { headers: { Host: "\${env:A}" } } } }`,
      /host cannot be set/,
    ],
    [
      'an origin with a path',
      `http: { credentials: { "http://a/b": { bearer: "\${env:A}" } } }`,
      /expected an origin/,
    ],
    [
      'a network that is none',
      'http: { allow_private: ["10.0.0.0/99"] }',
      /:1:\d+ http\.allow_private: expected/,
    ],
    [
      'an alias, which could stand for gigabytes',
      'home: &a x\nfixtures: *a\n',
      /:2:11 an alias \(\*a\) is not followed; write out/,
    ],
    [
      'a bomb of aliases, before any field of it is looked at',
      `a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n`,
      /:2:8 an alias/,
    ],
    ['a merge', 'limits: &l { chunkBytes: 5 }\nhttp: { <<: *l }\n', /:2:13 an alias/],
    ['nesting without end', `limits: ${'['.repeat(100_000)}`, /it is nested too deep/],
    ['an unknown field', 'hom: x\n', /tidemark\.yaml:1:1 unknown field hom; did you mean home\?/],
    [
      'a misspelled setting of a manifest',
      'manifest_settings:\n  desk:\n    cadance: 1d\n',
      /:3:5 manifest_settings\.desk: unknown field cadance; did you mean cadence\?/,
    ],
    [
      'a duration in months',
      'manifest_settings:\n  desk:\n    cadence: P1M\n',
      /:3:14 manifest_settings\.desk\.cadence: expected a duration such as 1d, 6h or PT6H, found P1M/,
    ],
    [
      'a cadence of no time',
      'manifest_settings: { desk: { cadence: 0h } }\n',
      /:1:39 manifest_settings\.desk\.cadence: expected more than no time/,
    ],
    [
      'a lookback that is neither duration nor number',
      'manifest_settings: { desk: { lookback: some } }\n',
      /lookback: expected a duration such as 2h, or a number for a whole-number cursor, found some/,
    ],
    [
      'a misspelled policy for records without a cursor',
      'manifest_settings: { desk: { null_cursor: inclde } }\n',
      /null_cursor: unknown word inclde; did you mean include\?/,
    ],
    [
      'a misspelled partition length',
      'manifest_settings: { desk: { partitions: dayly } }\n',
      /partitions: unknown length dayly; did you mean daily\?/,
    ],
    [
      'settings of manifests where the folder belongs',
      'manifests: { desk: { cadence: 1d } }\n',
      /:1:12 manifests: expected a folder; what concerns single manifests goes under manifest_settings/,
    ],
    ['a field given twice', 'home: a\nhome: b\n', /tidemark\.yaml:2:1 /],
    ['a folder that is no text', 'home: [a]\n', /tidemark\.yaml:1:7 home: expected a folder/],
    ['an unknown limit', 'limits:\n  lines: 3\n', /tidemark\.yaml:2:3 limits: unknown limit lines/],
    [
      'a limit that is no whole number',
      'limits:\n  chunkBytes: 1.5\n',
      /:2:15 limits\.chunkBytes: expected a whole number/,
    ],
    [
      'a limit above what holds',
      'limits:\n  recordDepthMax: 5000\n',
      /recordDepthMax: expected at most 1000/,
    ],
    [
      'a uniqueness that is none',
      'tables:\n  ticket:\n    unique: yes\n',
      /:3:13 tables\.ticket\.unique: expected one of business_key, version/,
    ],
    ['partitioning in another form', 'tables:\n  ticket: day\n', /tables\.ticket: expected partition_by/],
    [
      'a policy that is none',
      'foreign_snapshots: ignore\n',
      /:1:20 foreign_snapshots: expected one of refuse, warn, adopt/,
    ],
    ['text that is no YAML', 'home: "\n', /tidemark\.yaml:\d+:\d+ /],
    ['a list', '- home\n', /expected a mapping of settings/],
  ] as const) {
    it(`is refused with line and field for ${what}`, () => {
      assert.throws(() => parse(text), { code: 'TM8003', message });
    });
  }
});
