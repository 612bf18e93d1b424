import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareSchemas, mergeSchemas, type SeenSchema } from './compare-schemas.ts';

const USUAL: SeenSchema = {
  read: 1000,
  accepted: 990,
  filled: ['ticket_id', 'subject', 'tags'],
  unexpected: [{ pointer: '/status', rule: 'type', received: 'number', records: 10 }],
};

const unknown = (records: number, pointer = '/channel') => ({
  ...USUAL,
  unexpected: [...USUAL.unexpected, { pointer, rule: 'additionalProperties', received: 'string', records }],
});

describe('the records of a source, against those of its batch before', () => {
  const CASES: Readonly<
    Record<string, readonly [SeenSchema, SeenSchema, readonly (readonly [string, string])[]]>
  > = {
    'are of the same kind': [USUAL, USUAL, []],
    'have a property that the contract does not name': [USUAL, unknown(500), [['additive', '/channel']]],
    'had it before as well': [unknown(400), unknown(500), []],
    'have it no more': [unknown(400), USUAL, []],
    'have it in a few records, by a slip': [USUAL, unknown(9), []],
    'have it in as many as are no slip': [USUAL, unknown(10), [['additive', '/channel']]],
    'have values of a type that it does not allow': [
      { ...USUAL, unexpected: [] },
      USUAL,
      [['widening', '/status']],
    ],
    'leave a column empty that was filled': [
      USUAL,
      { ...USUAL, filled: ['ticket_id', 'tags'] },
      [['removal', '/subject']],
    ],
    'fill a column that was empty': [{ ...USUAL, filled: ['ticket_id'] }, USUAL, []],
    'differ at the business key': [USUAL, unknown(500, '/ticket_id'), [['key_change', '/ticket_id']]],
    'are too few to tell': [
      { ...USUAL, read: 19, accepted: 19 },
      { ...unknown(15), read: 19, accepted: 4 },
      [],
    ],
    'are all rejected, which says nothing of columns': [
      USUAL,
      { ...unknown(1000), accepted: 0, filled: [] },
      [['additive', '/channel']],
    ],
  };
  for (const [what, [before, now, expected]] of Object.entries(CASES)) {
    it(what, () => {
      const changes = compareSchemas(before, now, { businessKey: 'ticket_id' });
      assert.deepEqual(
        changes.map((change) => [change.class, change.pointer]),
        expected,
      );
    });
  }

  it('are those of all its splits together', () => {
    const merged = mergeSchemas([USUAL, { ...unknown(5), filled: ['owner'] }]);
    assert.deepEqual([merged.read, merged.accepted], [2000, 1980]);
    assert.deepEqual(merged.filled, ['ticket_id', 'subject', 'tags', 'owner']);
    assert.deepEqual(
      merged.unexpected.map(({ pointer, records }) => [pointer, records]),
      [
        ['/status', 20],
        ['/channel', 5],
      ],
    );
  });
});
