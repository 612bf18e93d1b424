import type { IncidentState } from '../catalog/schema.ts';

/**
 * `seen`: found again. `acknowledged`: a person took note. `plan_executed`: a plan that should mend it was executed.
 * `not_found`: a verification that would have found it did not.
 */
export type IncidentEvent = 'seen' | 'acknowledged' | 'plan_executed' | 'not_found';

/**
 * The life of an incident; null: the event does not apply and changes nothing. Only a passing verification resolves,
 * whatever a person or a plan says, and what is found again after that is open again.
 */
export function nextState(state: IncidentState, event: IncidentEvent): IncidentState | null {
  return LIFE[state][event] ?? null;
}

const LIFE: Readonly<Record<IncidentState, Partial<Record<IncidentEvent, IncidentState>>>> = {
  open: { seen: 'open', acknowledged: 'acknowledged', plan_executed: 'mending', not_found: 'resolved' },
  acknowledged: { seen: 'acknowledged', plan_executed: 'mending', not_found: 'resolved' },
  mending: { seen: 'open', not_found: 'resolved' },
  resolved: { seen: 'open' },
};
