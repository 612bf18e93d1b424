import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncidentState } from '../catalog/schema.ts';
import { type IncidentEvent, nextState } from './life.ts';

const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'mending', 'resolved'];
const EVENTS: readonly IncidentEvent[] = ['seen', 'acknowledged', 'plan_executed', 'not_found'];

describe('the life of an incident', () => {
  it('is this table, whole', () => {
    const table = Object.fromEntries(
      STATES.map((state) => [state, EVENTS.map((event) => nextState(state, event))]),
    );
    assert.deepEqual(table, {
      open: ['open', 'acknowledged', 'mending', 'resolved'],
      acknowledged: ['acknowledged', null, 'mending', 'resolved'],
      mending: ['open', null, null, 'resolved'],
      resolved: ['open', null, null, null],
    });
  });

  it('ends by a passing verification alone', () => {
    for (const state of STATES) {
      for (const event of EVENTS.filter((name) => name !== 'not_found')) {
        assert.notEqual(nextState(state, event), 'resolved');
      }
    }
  });
});
