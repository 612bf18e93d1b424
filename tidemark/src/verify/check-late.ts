import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { IncidentRow } from '../catalog/incidents.ts';
import { latestUnitsOf } from '../catalog/units.ts';
import { compareProgress } from '../progress/advance.ts';
import { inScope } from './scope.ts';
import type { Verification } from './verification.ts';

/** Units of a source that are gone back through for the reading that mended it. */
const UNITS_MAX = 200;

/**
 * Rows that a run found behind a cursor are missing until a reading of that interval is committed after it: the source is
 * not contacted here, so nothing else can tell.
 */
export async function checkLate({ catalog, findings, scope }: Verification): Promise<void> {
  findings.begin('intervals');
  const rows = await catalog
    .selectFrom('incidents')
    .selectAll()
    .where('kind', '=', 'late_behind_cursor')
    .where('state', '<>', 'resolved')
    .execute();
  for (const row of rows) {
    const about = { manifestId: row.manifest_id, batchId: row.batch_id, table: row.table_name };
    if (!inScope(scope, about) || (await isReadSince(catalog, row))) continue;
    findings.found('intervals', {
      kind: 'late_behind_cursor',
      ...about,
      sourceId: row.source_id,
      runId: row.run_id,
      distinction: distinctionOf(row),
      message: row.message,
      facts: JSON.parse(row.facts) as Record<string, unknown>,
      query: row.query,
      suggestion: row.suggestion,
    });
  }
}

function distinctionOf({ facts }: IncidentRow): string {
  const { field, from, to } = JSON.parse(facts) as Record<string, string>;
  return `${field}[${from},${to})`;
}

async function isReadSince(catalog: Verification['catalog'], row: IncidentRow): Promise<boolean> {
  const { field, from, to } = JSON.parse(row.facts) as { field: string; from: string; to: string };
  const source = { table: row.table_name ?? '', sourceId: row.source_id ?? '' };
  const units = (await latestUnitsOf(catalog, { ...source, limit: UNITS_MAX, since: row.last_seen_at })).map(
    decodeUnit,
  );
  return units.some(({ recordWindow: window }) => {
    if (!window || window.field !== field) return false;
    const { startAt, endBefore } = window;
    const begins = startAt === null || compareProgress(startAt, from) <= 0;
    return begins && (endBefore === null || compareProgress(endBefore, to) >= 0);
  });
}
