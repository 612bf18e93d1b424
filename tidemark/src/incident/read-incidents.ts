import type { CatalogReader } from '../catalog/catalog.ts';
import {
  findIncidents,
  findIncidentsByKey,
  type Incident,
  type IncidentEvent,
  type IncidentQuery,
  incidentEvents,
} from '../catalog/find-incidents.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';

/** Incidents told of at once where nobody says how many. */
const SHOWN = 50;
/** Keys named of a beginning that several incidents share. */
const NAMED_MAX = 5;

export interface IncidentList {
  /** The gravest first, of one severity the latest seen. */
  readonly incidents: readonly Incident[];
  /** So many more fit the query. */
  readonly more: number;
}

/** An incident with its whole life. */
export interface IncidentStory extends Incident {
  readonly life: readonly IncidentEvent[];
}

/** What is found wrong and not resolved, or what a query asks for. At most `limit`, by default 50. */
export async function listIncidents(
  catalog: CatalogReader,
  { limit = SHOWN, ...query }: IncidentQuery & { readonly limit?: number },
): Promise<IncidentList> {
  const { incidents, total } = await findIncidents(catalog, { ...query, limit });
  return { incidents, more: total - incidents.length };
}

/**
 * The one incident of this key, or whose key begins like this.
 * @throws ConfigurationError not_found, incident_ambiguous
 */
export async function readIncident(catalog: CatalogReader, beginning: string): Promise<IncidentStory> {
  const key = beginning.trim().toLowerCase();
  const found = key === '' ? [] : await findIncidentsByKey(catalog, { beginning: key, limit: NAMED_MAX + 1 });
  const [incident, other] = found;
  if (incident === undefined) {
    throw new ConfigurationError({
      code: ERROR_CODES.not_found,
      message: `No incident has a key that begins with ${beginning}.`,
      next: 'tidemark incidents list',
      facts: { key: beginning },
    });
  }
  if (other !== undefined) {
    const keys = found.slice(0, NAMED_MAX).map((each) => each.key);
    throw new ConfigurationError({
      code: ERROR_CODES.incident_ambiguous,
      message: `${found.length > NAMED_MAX ? `More than ${NAMED_MAX}` : found.length} incidents have a key that begins with ${beginning}: ${keys.join(', ')}.`,
      next: 'Name one of them with more of its key.',
      facts: { keys },
    });
  }
  return { ...incident, life: await incidentEvents(catalog, incident.key) };
}
