import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../model/json.ts';
import { selectStream } from './select-stream.ts';

const INCREMENTAL = { stream: 'a', replication: { kind: 'incremental', key: 'at' } } as const;

function rootOf(entry: JsonObject): JsonObject {
  const found = selectStream({ streams: [entry] }, INCREMENTAL);
  assert.ok(typeof found !== 'string');
  const [selected] = found.catalog.streams as { metadata: { metadata: JsonObject }[] }[];
  return selected?.metadata[0]?.metadata ?? {};
}

describe('a stream of a catalog', () => {
  it('is replicated as it was decided, by the tap or by who wrote the catalog', () => {
    const decided = [
      {
        tap_stream_id: 'a',
        metadata: [{ breadcrumb: [], metadata: { 'forced-replication-method': 'FULL_TABLE' } }],
      },
      { tap_stream_id: 'a', metadata: [{ breadcrumb: [], metadata: { 'replication-method': 'LOG_BASED' } }] },
      { tap_stream_id: 'a', replication_method: 'FULL_TABLE', metadata: [] },
    ];
    for (const entry of decided) assert.equal(rootOf(entry)['replication-key'], undefined);
    assert.equal(rootOf({ tap_stream_id: 'a' })['replication-key'], 'at');
  });

  it('is read from its state on where a tap leaves the method empty, said in both places that taps look at', () => {
    const undecided = {
      tap_stream_id: 'a',
      replication_method: '',
      metadata: [{ breadcrumb: [], metadata: { 'forced-replication-method': '' } }],
    };
    assert.equal(rootOf(undecided)['replication-method'], 'INCREMENTAL');
    const found = selectStream({ streams: [undecided] }, INCREMENTAL);
    assert.ok(typeof found !== 'string');
    const [entry] = found.catalog.streams as JsonObject[];
    assert.deepEqual([entry?.replication_method, entry?.replication_key], ['INCREMENTAL', 'at']);
  });

  it('has every property but those that the tap cannot deliver', () => {
    const property = (name: string, inclusion: string) => ({
      breadcrumb: ['properties', name],
      metadata: { inclusion },
    });
    const entry = {
      stream: 'a',
      metadata: [property('x', 'available'), property('y', 'automatic'), property('z', 'unsupported')],
    };
    const found = selectStream({ streams: [entry] }, INCREMENTAL);
    assert.ok(typeof found !== 'string');
    const [selected] = found.catalog.streams as { metadata: { metadata: JsonObject }[] }[];
    assert.deepEqual(
      selected?.metadata.map(({ metadata }) => metadata.selected),
      [true, true, true, false],
    );
  });

  it('may be sent under another name than its id', () => {
    const found = selectStream({ streams: [{ tap_stream_id: 'a', stream: 'public-a' }] }, INCREMENTAL);
    assert.ok(typeof found !== 'string');
    assert.deepEqual([...found.names], ['a', 'public-a']);
  });

  it('is not found in what is no catalog', () => {
    for (const catalog of [null, 5, [], {}, { streams: {} }, { streams: [null, 'a'] }])
      assert.match(String(selectStream(catalog, INCREMENTAL)), /has no stream a; it has none/);
  });
});
