import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ColumnType, Contract } from '../contract/contract.ts';
import { ExactNumber, type ExactValue } from '../model/exact-number.ts';
import { readWindow } from './record-window.ts';
import type { RecordWindow } from './refined.ts';

function contractWith(type: ColumnType): Contract {
  return {
    ref: 'omni://contracts/data/ticket/v1',
    path: 'ticket.json',
    hash: '0'.repeat(64),
    schema: {},
    traits: {
      table: 'ticket',
      businessKey: 'ticket_id',
      eventTime: null,
      versionOrder: [],
      deletion: null,
      lineage: [],
      pii: {},
      anchorProperties: [],
    },
    columns: [{ name: 'record_mark', property: 'mark', type }],
    validate: () => [],
  };
}

type Kind = 'timestamptz' | 'long' | 'double' | 'string' | 'date' | 'boolean' | 'json';

function open(kind: Kind, bounds: Partial<RecordWindow>) {
  return readWindow({ field: 'mark', startAt: null, endBefore: null, ...bounds }, contractWith({ kind }));
}

/** For each value: whether it is inside. */
function inside(kind: Kind, bounds: Partial<RecordWindow>, values: readonly ExactValue[]): boolean[] {
  const window = open(kind, bounds);
  assert.ok(window.kind === 'window');
  return values.map((mark) => {
    const reading = window.readCursor({ mark });
    assert.ok(reading.kind === 'cursor', `${mark} has a place in the order`);
    return reading.inside;
  });
}

describe('a window', () => {
  it('holds its start and not its end', () => {
    const bounds = { startAt: 'b', endBefore: 'd' };
    assert.deepEqual(inside('string', bounds, ['a', 'b', 'c', 'd', 'e']), [false, true, true, false, false]);
  });

  it('is open where a bound is missing', () => {
    assert.deepEqual(inside('string', {}, ['', 'z']), [true, true]);
    assert.deepEqual(inside('string', { startAt: 'b' }, ['a', 'z']), [false, true]);
    assert.deepEqual(inside('string', { endBefore: 'b' }, ['a', 'z']), [true, false]);
  });

  it('orders date-times by the instant, whatever their offset or precision', () => {
    const bounds = { startAt: '2024-05-01T00:00:00Z', endBefore: '2024-05-01T12:00:00.5Z' };
    assert.deepEqual(
      inside('timestamptz', bounds, [
        '2024-05-01T00:00:00Z',
        '2024-04-30T23:59:59.999999Z',
        '2024-05-01T01:59:59+02:00',
        '2024-05-01T02:00:00+02:00',
        '2024-05-01T12:00:00.499999Z',
        '2024-05-01T12:00:00.500000Z',
        '2024-05-01t07:00:00-05:00',
      ]),
      [true, false, false, true, true, false, true],
    );
  });

  it('takes a plain date for its midnight in UTC', () => {
    assert.deepEqual(
      inside('timestamptz', { startAt: '2024-05-01' }, ['2024-04-30T23:59:59Z', '2024-05-01T00:00:00Z']),
      [false, true],
    );
  });

  it('orders integers by value, beyond what a double holds', () => {
    const values = [9, 10, new ExactNumber('9223372036854775806'), new ExactNumber('9223372036854775807')];
    const bounds = { startAt: '10', endBefore: '9223372036854775807' };
    assert.deepEqual(inside('long', bounds, values), [false, true, true, false]);
    assert.deepEqual(inside('long', { startAt: '1e1' }, [9, 10]), [false, true]);
  });

  it('orders numbers by value', () => {
    assert.deepEqual(inside('double', { startAt: '-1.5', endBefore: '1e2' }, [-2, -1.5, 9, 99.5, 100]), [
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('orders dates as they read', () => {
    assert.deepEqual(inside('date', { startAt: '2024-05-01' }, ['2024-04-30', '2024-05-01']), [false, true]);
  });

  it('gives the value back as the source wrote it', () => {
    const window = open('timestamptz', {});
    assert.ok(window.kind === 'window');
    const reading = window.readCursor({ mark: '2024-05-01T02:00:00+02:00' });
    assert.equal(reading.kind === 'cursor' && reading.text, '2024-05-01T02:00:00+02:00');
    const numbers = open('long', {});
    assert.ok(numbers.kind === 'window');
    const whole = numbers.readCursor({ mark: new ExactNumber('9223372036854775807') });
    assert.equal(whole.kind === 'cursor' && whole.text, '9223372036854775807');
  });

  it('has no place for a record without the field, and says so', () => {
    const window = open('timestamptz', {});
    assert.ok(window.kind === 'window');
    for (const [record, received] of [
      [{}, 'nothing'],
      [{ mark: null }, 'null'],
      [{ mark: 5 }, '5'],
      [{ mark: '2024-05-01T00:00:00.1234567Z' }, '"2024-05-01T00:00:00.1234567Z"'],
    ] as const) {
      assert.deepEqual(window.readCursor(record), {
        kind: 'missing',
        violation: {
          rule: 'cursor_missing',
          pointer: '/mark',
          expected: 'a date-time, by which the window is cut',
          received,
        },
      });
    }
  });

  it('does not take a field from the prototype', () => {
    const window = readWindow(
      { field: 'toString', startAt: null, endBefore: null },
      {
        ...contractWith({ kind: 'string' }),
        columns: [{ name: 'x', property: 'toString', type: { kind: 'string' } }],
      },
    );
    assert.ok(window.kind === 'window');
    assert.equal(window.readCursor({}).kind, 'missing');
  });
});

describe('a window that its contract cannot be cut by is refused', () => {
  const refusal = (kind: Kind, window: Partial<RecordWindow>) => {
    const reading = open(kind, window);
    assert.ok(reading.kind === 'refused');
    return reading.message;
  };

  it('where its field is not a property', () => {
    assert.match(refusal('string', { field: 'updated' }), /field updated is not a property of omni:/);
  });

  it('where its field has no order', () => {
    assert.match(refusal('boolean', {}), /mark of omni:.* has no order: its column type is boolean/);
    assert.match(refusal('json', {}), /column type is json/);
  });

  it('where a bound is no value of the field', () => {
    assert.match(refusal('timestamptz', { startAt: 'yesterday' }), /bound "yesterday" is not a date-time/);
    assert.match(refusal('timestamptz', { endBefore: '2024-05-01T00:00:00.1234567Z' }), /is not a date-time/);
    assert.match(refusal('long', { startAt: '1.5' }), /bound "1.5" is not an integer within 64 bits/);
    assert.match(refusal('long', { startAt: 'Infinity' }), /is not an integer/);
    assert.match(refusal('long', { startAt: '' }), /bound "" is not an integer/);
    assert.match(refusal('double', { endBefore: '0x10' }), /is not a number/);
  });
});
