import type { CatalogTransaction } from '../catalog/catalog.ts';
import { recordSymptoms, resolveAbsent } from '../incident/record-symptoms.ts';
import { incidentKey, type Symptom } from '../incident/symptom.ts';
import { coversIncident } from './coverage.ts';
import type { Verification } from './verification.ts';

export interface RecordedIncidents {
  readonly opened: number;
  /** Known before, and found again. */
  readonly repeated: number;
  /** Not found any more by a verification that would have found them. */
  readonly resolved: number;
}

/** Null when the catalog is read-only: then a verification tells, and leaves no trace. */
export async function recordFindings(
  { engine, scope, findings }: Verification,
  { symptoms, quick }: { symptoms: readonly Symptom[]; quick: boolean },
): Promise<RecordedIncidents | null> {
  const now = engine.clock.now().toISOString();
  try {
    return await engine.catalog.transaction().execute(async (tx) => {
      const known = await unresolvedOf(tx, symptoms.map(incidentKey));
      await recordSymptoms(tx, { symptoms, now });
      const resolved = await resolveAbsent(tx, {
        found: symptoms,
        covers: (row) => coversIncident({ scope, quick, findings }, row),
        now,
        detail: { verification: { scope, quick } },
      });
      return { opened: symptoms.length - known, repeated: known, resolved };
    });
  } catch (error) {
    if (isReadOnly(error)) return null;
    throw error;
  }
}

async function unresolvedOf(tx: CatalogTransaction, keys: readonly string[]): Promise<number> {
  let known = 0;
  for (const key of keys) {
    const row = await tx
      .selectFrom('incidents')
      .select('state')
      .where('incident_key', '=', key)
      .executeTakeFirst();
    if (row !== undefined && row.state !== 'resolved') known += 1;
  }
  return known;
}

/** SQLITE_READONLY, and its extended codes. */
function isReadOnly(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: number; message?: string };
  return (errcode !== undefined && (errcode & 0xff) === 8) || /readonly database/i.test(message ?? '');
}
