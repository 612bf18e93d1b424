import type { IncidentClass, IncidentSeverity, IncidentState } from '../../catalog/schema.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { incidentStory } from '../../evidence/stories/incident-story.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { acknowledgedLines, incidentLines } from '../render/incidents.ts';
import { plainValues } from '../render/plain-values.ts';
import { storiesLines } from '../render/story.ts';
import { openProject, type Session } from '../session.ts';

export interface IncidentsListOptions {
  readonly class?: 'duplicate' | 'gap' | 'mismatch' | 'no-traceability';
  readonly state?: IncidentState | 'all';
  readonly severity?: IncidentSeverity;
  readonly manifest?: string;
  readonly batchId?: string;
  readonly source?: string;
  readonly limit?: number;
}

const EVERY_STATE: readonly IncidentState[] = ['open', 'acknowledged', 'mending', 'resolved'];

/** Telling is the job, so what is open does not change the exit code. */
export async function incidentsListCommand(
  session: Session,
  options: IncidentsListOptions,
): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const { state, severity, manifest, batchId, source, limit } = options;
  const list = await tidemark.incidents({
    ...(options.class !== undefined && { class: options.class.replaceAll('-', '_') as IncidentClass }),
    ...(state !== undefined && { states: state === 'all' ? EVERY_STATE : [state] }),
    ...(severity !== undefined && { severity }),
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(batchId !== undefined && { batchId }),
    ...(source !== undefined && { sourceId: source }),
    ...(limit !== undefined && { limit }),
  });
  const shown = plainValues(list);
  const asked = Object.keys(options).some((name) => name !== 'limit');
  return {
    exit: EXIT.done,
    document: list,
    lines: (page) => incidentLines(shown, { page, asked }),
    quietLines: (page) => (list.incidents.length === 0 ? [] : incidentLines(shown, { page, asked })),
  };
}

export async function incidentsShowCommand(session: Session, { key }: { key: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const incident = await tidemark.incident(key);
  const story = plainValues(incidentStory(incident));
  const lines = (page: Parameters<Outcome['lines']>[0]) => storiesLines([story], page);
  return { exit: EXIT.done, document: { incident }, lines, quietLines: lines };
}

/** @throws ConfigurationError usage: without a reason nobody knows tomorrow why it may stay */
export async function incidentsAckCommand(
  session: Session,
  { key, reason }: { key: string; reason?: string },
): Promise<Outcome> {
  if (reason === undefined) {
    throw new ConfigurationError({
      code: ERROR_CODES.usage,
      message: 'Acknowledging an incident needs --reason: why it may stay for now, for whoever looks next.',
      next: `tidemark incidents show ${key}`,
    });
  }
  await using tidemark = await openProject(session, {});
  const done = await tidemark.acknowledgeIncident({ key, reason });
  const shown = plainValues(done);
  return { exit: EXIT.done, document: done, lines: (page) => acknowledgedLines(shown, page) };
}
