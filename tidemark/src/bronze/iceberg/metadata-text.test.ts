import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exampleTable } from './example-table.fixture.ts';
import { parseJson, printJson } from './lossless-text.ts';
import { parseTableMetadata, printTableMetadata } from './metadata-text.ts';
import type { TableMetadata } from './table-metadata.ts';

function parsed(text: string): TableMetadata {
  const reading = parseTableMetadata(text);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.metadata;
}

/** As PyIceberg and Java write it, with ids of 63 bits and fields that we know nothing of. */
const FOREIGN = `{"format-version":2,"table-uuid":"9c12d441-03fe-4693-9a96-a0705ddf69c1","location":"s3://bucket/t/",
"last-sequence-number":1,"last-updated-ms":1700000000000,"last-column-id":1,
"schemas":[{"type":"struct","schema-id":0,"identifier-field-ids":[1],"fields":[{"id":1,"name":"x","required":true,"type":"long"}]}],
"current-schema-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],"default-spec-id":0,"last-partition-id":999,
"sort-orders":[{"order-id":0,"fields":[]}],"default-sort-order-id":0,"current-snapshot-id":9223372036854775807,
"snapshots":[{"snapshot-id":9223372036854775807,"sequence-number":1,"timestamp-ms":1700000000000,
"manifest-list":"s3://bucket/t/metadata/snap.avro","summary":{"operation":"append"},"schema-id":0}],
"refs":{"main":{"snapshot-id":9223372036854775807,"type":"branch","max-ref-age-ms":9007199254740993}},
"statistics":[{"snapshot-id":9223372036854775807,"statistics-path":"p","file-size-in-bytes":12345678901234567890,"blob-metadata":[]}],
"future-field":{"ratio":1.0,"big":1e400,"minus":-0,"text":"\\u00e9\\ud83d\\ude00"}}`;

test('metadata of another writer is printed back digit for digit, unknown fields included', () => {
  const metadata = parsed(FOREIGN);
  assert.equal(metadata['current-snapshot-id'], 9223372036854775807n);
  const printed = printTableMetadata(metadata);
  assert.match(printed, /"current-snapshot-id":9223372036854775807/);
  assert.match(printed, /"max-ref-age-ms":9007199254740993/);
  assert.match(printed, /"file-size-in-bytes":12345678901234567890/);
  assert.match(printed, /"future-field":\{"ratio":1\.0,"big":1e400,"minus":-0,"text":"é😀"\}/);
  assert.equal(printTableMetadata(parsed(printed)), printed);
});

test('any id of 63 bits survives a round trip', () => {
  // The last one is what a double prints for its neighbour, 2^62.
  const ids = fc.oneof(
    fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    fc.constantFrom(1n, 2n ** 53n, 2n ** 53n + 1n, 4_611_686_018_427_388_000n),
  );
  fc.assert(
    fc.property(ids, (id) => {
      const metadata = parsed(FOREIGN.replaceAll('9223372036854775807', String(id)));
      assert.equal(metadata['current-snapshot-id'], id);
      assert.equal(metadata.snapshots[0]!['snapshot-id'], id);
      assert.equal(metadata.refs.main!['snapshot-id'], id);
      assert.equal(parsed(printTableMetadata(metadata))['current-snapshot-id'], id);
    }),
    { numRuns: 200 },
  );
});

test('any JSON survives parsing and printing', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value = parseJson(`{"value":${text}}`) as object;
      assert.deepEqual(JSON.parse(printJson(value)), JSON.parse(`{"value":${text}}`));
    }),
    { numRuns: 500 },
  );
});

test('what a writer may leave out is filled in', () => {
  const bare = FOREIGN.replace(/"current-snapshot-id".*"future-field"/s, '"future-field"');
  const metadata = parsed(bare);
  assert.equal(metadata['current-snapshot-id'], null);
  assert.deepEqual(
    [metadata.refs, metadata.snapshots, metadata.properties, metadata['snapshot-log']],
    [{}, [], {}, []],
  );
  const old = parsed(bare.replace('"future-field"', '"current-snapshot-id":-1,"future-field"'));
  assert.equal(old['current-snapshot-id'], null, 'older Java writers put -1');
  const unnamed = parsed(FOREIGN.replace(/"refs":.*\n/, ''));
  assert.equal(unnamed.refs.main!['snapshot-id'], 9223372036854775807n);
});

test('metadata that leads nowhere is refused with every field', () => {
  const fields = (text: string) => {
    const reading = parseTableMetadata(text);
    return reading.kind === 'refused' ? reading.problems.map((problem) => problem.field) : [];
  };
  assert.deepEqual(fields('{'), ['']);
  assert.deepEqual(fields('[]'), ['']);
  assert.deepEqual(fields(FOREIGN.replace('"format-version":2', '"format-version":3')), ['format-version']);
  assert.deepEqual(
    fields('{"format-version":2,"location":"","schemas":{},"table-uuid":"u","last-column-id":"1"}').slice(
      0,
      4,
    ),
    ['location', 'last-sequence-number', 'last-updated-ms', 'last-column-id'],
  );
  const broken = FOREIGN.replace('"current-schema-id":0', '"current-schema-id":7')
    .replace('"default-spec-id":0', '"default-spec-id":7')
    .replace('"default-sort-order-id":0', '"default-sort-order-id":7')
    .replace('"refs":{"main":{"snapshot-id":9223372036854775807', '"refs":{"main":{"snapshot-id":7');
  assert.deepEqual(fields(broken), [
    'current-schema-id',
    'default-spec-id',
    'default-sort-order-id',
    'refs.main',
    'refs.main',
  ]);
  assert.deepEqual(
    fields(FOREIGN.replace('"current-snapshot-id":9223372036854775807', '"current-snapshot-id":7')),
    ['current-snapshot-id', 'refs.main'],
  );
});

test('our own metadata is read back as it was', () => {
  const metadata = exampleTable();
  assert.deepEqual(parsed(printTableMetadata(metadata)), metadata);
});
