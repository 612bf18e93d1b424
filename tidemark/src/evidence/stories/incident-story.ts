import type { CatalogReader } from '../../catalog/catalog.ts';
import {
  findIncidentsByKey,
  type Incident,
  type IncidentEvent,
  incidentEvents,
} from '../../catalog/find-incidents.ts';
import { counted, facts, related, type Story } from './story.ts';

/** An incident by its whole key. */
export async function incidentStories(catalog: CatalogReader, key: string): Promise<Story[]> {
  const found = await findIncidentsByKey(catalog, { beginning: key, limit: 1 });
  const stories: Story[] = [];
  for (const incident of found)
    stories.push(incidentStory({ ...incident, life: await incidentEvents(catalog, incident.key) }));
  return stories;
}

/** What is wrong, with its figures, where it shows, what mends it, and all that has happened to it. Pure. */
export function incidentStory(incident: Incident & { readonly life: readonly IncidentEvent[] }): Story {
  const { key, kind, severity, state, life } = incident;
  return {
    kind: 'incident',
    title: `incident ${key}: ${kind} (${incident.class.replaceAll('_', '-')}, ${severity}), ${state}`,
    facts: [
      { label: 'what', value: incident.message },
      ...Object.entries(incident.facts).flatMap(([label, value]) => figures(label, value)),
      ...facts({
        seen: `${counted(incident.timesSeen, 'time')}, first ${incident.firstSeenAt}, last ${incident.lastSeenAt}`,
        'see it': incident.query,
      }),
      ...life.map((event) => ({ label: 'life', value: `${event.at} ${lifeText(event)}` })),
    ],
    related: related({
      manifest: incident.manifestId,
      batch: incident.batchId,
      source: incident.sourceId,
      table: incident.table,
      run: incident.runId,
    }),
    next: state === 'mending' ? 'tidemark verify' : state === 'resolved' ? null : incident.suggestion,
  };
}

/** Rows of a list that are told one by one; `--json` gives all of them. */
const ROWS_MAX = 10;

function figures(label: string, value: unknown): { label: string; value: string }[] {
  const name = label.replaceAll(
    /([a-z])([A-Z])/g,
    (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`,
  );
  if (!Array.isArray(value)) return facts({ [name]: textOf(value) });
  const rows = value.slice(0, ROWS_MAX).map((row) => ({ label: name, value: textOf(row) ?? '–' }));
  const rest = value.length - rows.length;
  return rest > 0 ? [...rows, { label: name, value: `and ${rest} more` }] : rows;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, item]) => `${name} ${typeof item === 'object' ? JSON.stringify(item) : String(item)}`)
    .join(', ');
}

function lifeText({ kind, detail }: IncidentEvent): string {
  const run = typeof detail.runId === 'string' ? ` (run ${detail.runId})` : '';
  switch (kind) {
    case 'opened':
      return `found${run}`;
    case 'reopened':
      return `found again: open${run}`;
    case 'acknowledged':
      return `acknowledged: ${String(detail.reason ?? 'no reason was given')}`;
    case 'plan_executed':
      return `a ${String(detail.verb ?? 'recovery')} was executed: waits for a verification${run}`;
    case 'not_found':
      return `not found any more: resolved${run}`;
    default:
      return kind;
  }
}
