import type { Catalog } from '../catalog/catalog.ts';
import { findIncident } from '../catalog/incidents.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { type IncidentStory, readIncident } from './read-incidents.ts';
import { moveIncident } from './record-symptoms.ts';

export interface Acknowledgement {
  readonly incident: IncidentStory;
  /** False where somebody had acknowledged it before: nothing was changed. */
  readonly changed: boolean;
}

/**
 * A person took note of an incident, and why it may stay for now. It stays in every answer until a verification no longer
 * finds it: nothing that a person says resolves it.
 * @throws ConfigurationError not_found, incident_ambiguous · ConflictError incident_not_open
 */
export async function acknowledgeIncident(
  catalog: Catalog,
  { key: beginning, reason, now }: { key: string; reason: string; now: string },
): Promise<Acknowledgement> {
  const { key } = await readIncident(catalog, beginning);
  const changed = await catalog.transaction().execute(async (tx) => {
    const row = await findIncident(tx, key);
    if (row === null || row.state === 'acknowledged') return false;
    if (row.state !== 'open') throw notOpen(key, row.state);
    await moveIncident(tx, { row, event: 'acknowledged', now, detail: { reason } });
    return true;
  });
  return { incident: await readIncident(catalog, key), changed };
}

function notOpen(key: string, state: 'mending' | 'resolved'): ConflictError {
  const is = state === 'resolved' ? 'is resolved' : 'waits for the verification that shows it mended';
  return new ConflictError({
    code: ERROR_CODES.incident_not_open,
    message: `Incident ${key} ${is}: there is nothing to take note of.`,
    next: state === 'resolved' ? nextCommand('incidents', 'show', key) : nextCommand('verify'),
    facts: { key, state },
  });
}
