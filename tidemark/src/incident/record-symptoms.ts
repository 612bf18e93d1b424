import type { CatalogTransaction } from '../catalog/catalog.ts';
import { addIncidentEvent, findIncident, type IncidentRow, putIncident } from '../catalog/incidents.ts';
import { type IncidentEvent, nextState } from './life.ts';
import { incidentKey, SYMPTOMS, type Symptom, type SymptomKind } from './symptom.ts';

/** Opens an incident for each symptom, or updates the one it is: a repeat adds no row. */
export async function recordSymptoms(
  tx: CatalogTransaction,
  { symptoms, now }: { symptoms: readonly Symptom[]; now: string },
): Promise<void> {
  for (const symptom of symptoms) {
    const key = incidentKey(symptom);
    const known = await findIncident(tx, key);
    const state = known === null ? 'open' : (nextState(known.state, 'seen') ?? known.state);
    await putIncident(tx, {
      ...rowOf(symptom, key),
      state,
      first_seen_at: known?.first_seen_at ?? now,
      last_seen_at: now,
      times_seen: (known?.times_seen ?? 0) + 1,
    });
    if (known !== null && known.state === state) continue;
    const kind = known === null ? 'opened' : 'reopened';
    await addIncidentEvent(tx, { key, kind, at: now, detail: { runId: symptom.runId } });
  }
}

/** Tells an incident what happened to it. Returns its state afterwards. */
export async function moveIncident(
  tx: CatalogTransaction,
  {
    row,
    event,
    now,
    detail,
  }: { row: IncidentRow; event: Exclude<IncidentEvent, 'seen'>; now: string; detail: unknown },
): Promise<IncidentRow['state']> {
  const state = nextState(row.state, event);
  if (state === null) return row.state;
  await putIncident(tx, { ...row, state });
  await addIncidentEvent(tx, { key: row.incident_key, kind: event, at: now, detail });
  return state;
}

/**
 * Resolves what a verification would have found and did not.
 * @param covers whether the verification looked for such an incident, whole
 */
export async function resolveAbsent(
  tx: CatalogTransaction,
  check: {
    found: readonly Symptom[];
    covers: (row: IncidentRow & { kind: SymptomKind }) => boolean;
    now: string;
    detail: unknown;
  },
): Promise<number> {
  const keys = new Set(check.found.map(incidentKey));
  const rows = await tx.selectFrom('incidents').selectAll().where('state', '<>', 'resolved').execute();
  let resolved = 0;
  for (const row of rows) {
    if (keys.has(row.incident_key) || !isKnown(row) || !check.covers(row)) continue;
    await moveIncident(tx, { row, event: 'not_found', now: check.now, detail: check.detail });
    resolved += 1;
  }
  return resolved;
}

function isKnown(row: IncidentRow): row is IncidentRow & { kind: SymptomKind } {
  return row.kind in SYMPTOMS;
}

function rowOf(
  symptom: Symptom,
  key: string,
): Omit<IncidentRow, 'state' | 'first_seen_at' | 'last_seen_at' | 'times_seen'> {
  const [incidentClass, severity] = SYMPTOMS[symptom.kind];
  return {
    incident_key: key,
    class: incidentClass,
    kind: symptom.kind,
    severity,
    manifest_id: symptom.manifestId,
    batch_id: symptom.batchId,
    source_id: symptom.sourceId,
    table_name: symptom.table,
    run_id: symptom.runId,
    message: symptom.message,
    facts: JSON.stringify(symptom.facts),
    query: symptom.query,
    suggestion: symptom.suggestion,
  };
}
