import { sql } from 'kysely';
import type { CatalogReader } from './catalog.ts';
import type { IncidentRow } from './incidents.ts';
import type { IncidentClass, IncidentSeverity, IncidentState } from './schema.ts';

/** Something that was found wrong, as it stands. */
export interface Incident {
  /** Stable: the same thing found again has the same key. */
  readonly key: string;
  readonly class: IncidentClass;
  readonly kind: string;
  readonly severity: IncidentSeverity;
  readonly state: IncidentState;
  readonly manifestId: string | null;
  readonly batchId: string | null;
  readonly sourceId: string | null;
  readonly table: string | null;
  /** The run that brought it about or found it. */
  readonly runId: string | null;
  readonly message: string;
  /** Figures and evidence rows. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The command or SQL that shows it. */
  readonly query: string;
  /** The one command that mends it. */
  readonly suggestion: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly timesSeen: number;
}

/** One thing that happened to an incident; `kind`: opened, reopened, acknowledged, plan_executed, not_found. */
export interface IncidentEvent {
  readonly kind: string;
  readonly at: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface IncidentQuery {
  readonly class?: IncidentClass;
  /** Default: every state but resolved. */
  readonly states?: readonly IncidentState[];
  readonly severity?: IncidentSeverity;
  readonly manifestId?: string;
  readonly batchId?: string;
  readonly sourceId?: string;
  /** Found, or brought about, by one of these runs. */
  readonly runIds?: readonly string[];
}

export const UNRESOLVED: readonly IncidentState[] = ['open', 'acknowledged', 'mending'];

/** The gravest first, of one severity the latest seen; at most `limit`, and how many there are in all. */
export async function findIncidents(
  catalog: CatalogReader,
  { limit, ...query }: IncidentQuery & { readonly limit: number },
): Promise<{ readonly incidents: Incident[]; readonly total: number }> {
  const rows = await choose(catalog, query)
    .selectAll()
    .orderBy(sql`CASE severity WHEN 'critical' THEN 0 WHEN 'major' THEN 1 ELSE 2 END`)
    .orderBy('last_seen_at', 'desc')
    .orderBy('incident_key')
    .limit(limit)
    .execute();
  const { total } = await choose(catalog, query)
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { incidents: rows.map(asIncident), total };
}

/** Those whose key begins like this, at most `limit`. */
export async function findIncidentsByKey(
  catalog: CatalogReader,
  { beginning, limit }: { beginning: string; limit: number },
): Promise<Incident[]> {
  const rows = await catalog
    .selectFrom('incidents')
    .selectAll()
    .where('incident_key', '>=', beginning)
    .where('incident_key', '<', `${beginning}~`)
    .orderBy('incident_key')
    .limit(limit)
    .execute();
  return rows.map(asIncident);
}

/** What happened to an incident, oldest first. */
export async function incidentEvents(catalog: CatalogReader, key: string): Promise<IncidentEvent[]> {
  const rows = await catalog
    .selectFrom('incident_events')
    .select(['kind', 'at', 'detail'])
    .where('incident_key', '=', key)
    .orderBy('seq')
    .execute();
  return rows.map(({ kind, at, detail }) => ({ kind, at, detail: parsed(detail) }));
}

function choose(catalog: CatalogReader, query: IncidentQuery) {
  const { states = UNRESOLVED, severity, manifestId, batchId, sourceId, runIds } = query;
  let rows = catalog.selectFrom('incidents').where('state', 'in', [...states]);
  if (query.class !== undefined) rows = rows.where('class', '=', query.class);
  if (severity !== undefined) rows = rows.where('severity', '=', severity);
  if (manifestId !== undefined) rows = rows.where('manifest_id', '=', manifestId);
  if (batchId !== undefined) rows = rows.where('batch_id', '=', batchId);
  if (sourceId !== undefined) rows = rows.where('source_id', '=', sourceId);
  if (runIds !== undefined) rows = rows.where('run_id', 'in', [...runIds]);
  return rows;
}

function asIncident(row: IncidentRow): Incident {
  return {
    key: row.incident_key,
    class: row.class,
    kind: row.kind,
    severity: row.severity,
    state: row.state,
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    sourceId: row.source_id,
    table: row.table_name,
    runId: row.run_id,
    message: row.message,
    facts: parsed(row.facts),
    query: row.query,
    suggestion: row.suggestion,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    timesSeen: row.times_seen,
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // Altered. What is left of it is told all the same.
  }
}
