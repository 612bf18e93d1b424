import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { listIncidents, readIncident } from './read-incidents.ts';
import { recordSymptoms } from './record-symptoms.ts';
import { incidentKey, type Symptom } from './symptom.ts';

const orphan = (name: string): Symptom => ({
  kind: 'orphan_object',
  manifestId: null,
  batchId: null,
  sourceId: null,
  table: null,
  runId: null,
  distinction: name,
  message: `Nobody knows ${name}.`,
  facts: {},
  query: `ls ${name}`,
  suggestion: `rm ${name}`,
});

/** More than there are hexadecimal digits: at least two keys begin alike. */
const symptoms = Array.from({ length: 17 }, (_, at) => orphan(`note-${at}`));
const keys = symptoms.map(incidentKey);
const sharedFirst = keys.find((key, at) =>
  keys.some((other, place) => place > at && other[0] === key[0]),
)?.[0];

async function catalogWith(now = '2026-04-01T00:00:00.000Z') {
  const catalog = openSqliteCatalog({ path: ':memory:', readOnly: false });
  await catalog.transaction().execute(async (tx) => await recordSymptoms(tx, { symptoms, now }));
  return Object.assign(catalog, { [Symbol.asyncDispose]: async () => await catalog.destroy() });
}

describe('an incident', () => {
  it('is found by its key and by every beginning that is its alone', async () => {
    await using catalog = await catalogWith();
    for (const key of keys) {
      const length = [...key].findIndex(
        (_, at) => keys.filter((other) => other.startsWith(key.slice(0, at + 1))).length === 1,
      );
      assert.equal((await readIncident(catalog, key.slice(0, length + 1))).key, key);
      assert.equal((await readIncident(catalog, key.toUpperCase())).key, key);
    }
  });

  it('that a beginning does not tell from others is not guessed: they are named', async () => {
    await using catalog = await catalogWith();
    await assert.rejects(readIncident(catalog, sharedFirst ?? ''), { code: 'TM7201' });
    await assert.rejects(readIncident(catalog, 'x'), { code: 'TM8002', next: 'tidemark incidents list' });
    await assert.rejects(readIncident(catalog, ' '), { code: 'TM8002' });
  });

  it('found again is the same one, seen once more', async () => {
    await using catalog = await catalogWith();
    const later = '2026-04-02T00:00:00.000Z';
    await catalog.transaction().execute(async (tx) => await recordSymptoms(tx, { symptoms, now: later }));
    const { incidents, more } = await listIncidents(catalog, { limit: 20 });
    assert.deepEqual([incidents.length, more], [17, 0]);
    assert.ok(incidents.every(({ timesSeen, lastSeenAt }) => timesSeen === 2 && lastSeenAt === later));
  });
});
