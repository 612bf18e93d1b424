import { sql } from 'kysely';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { CatalogReader } from './catalog.ts';
import type { RunState } from './schema.ts';

/** One unit's hold on time. */
export interface CoveringRow {
  readonly sourceId: string;
  /** Cut by a declared window; otherwise a whole file, which stands for all of every partition that it touches. */
  readonly windowed: boolean;
  readonly committed: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether the run that committed it passed its proof, or a reconciliation since. */
  readonly proven: boolean;
}

type Verdict = 'pass' | 'fail' | 'unknown' | null;

/** By which property a manifest's time is told, and how far its committed units reach; null where nothing covers any. */
export async function coverageRange(
  catalog: CatalogReader,
  { manifestId, field }: { manifestId: string; field: string | null },
): Promise<{ field: string; fromMs: number; toMs: number } | null> {
  const covering = catalog
    .selectFrom('units')
    .select(['covers_field', 'covers_from', 'covers_to'])
    .where('manifest_id', '=', manifestId)
    .where('covers_field', field === null ? 'is not' : '=', field)
    .where('state', '=', 'committed')
    .limit(1);
  const last = await covering.orderBy('covers_to', 'desc').executeTakeFirst();
  if (last === undefined) return null;
  const first = await covering
    .where('covers_field', '=', last.covers_field)
    .orderBy('covers_from')
    .executeTakeFirst();
  return { field: last.covers_field ?? '', fromMs: Number(first?.covers_from), toMs: Number(last.covers_to) };
}

/** From when on each of these sources covers anything, in ms; those that never did are left out. */
export async function firstCovered(
  catalog: CatalogReader,
  { manifestId, field, sources }: { manifestId: string; field: string; sources: readonly string[] },
): Promise<Map<string, number>> {
  const first = new Map<string, number>();
  for (const sourceId of sources) {
    const row = await catalog
      .selectFrom('units')
      .select('covers_from')
      .where('manifest_id', '=', manifestId)
      .where('source_id', '=', sourceId)
      .where('covers_field', '=', field)
      .where('state', '=', 'committed')
      .orderBy('covers_from')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) first.set(sourceId, Number(row.covers_from));
  }
  return first;
}

/** Units that reach beyond a moment, the latest first, at most `limit`. */
export async function coveringUnits(
  catalog: CatalogReader,
  of: { manifestId: string; field: string; beyondMs: number; limit: number },
): Promise<CoveringRow[]> {
  const rows = await catalog
    .selectFrom('units')
    .leftJoin('runs', 'runs.run_id', 'units.committed_by')
    .select(({ exists, selectFrom }) => [
      'units.source_id',
      'window',
      'units.state',
      'covers_from',
      'covers_to',
      'runs.verdict',
      exists(
        selectFrom('verifications')
          .select('seq')
          .whereRef('verifications.table_name', '=', 'units.table_name')
          .whereRef('verifications.source_id', '=', 'units.source_id')
          .whereRef('verifications.run_id', '=', 'units.committed_by')
          .where('verifications.verdict', '=', 'pass')
          // A proof that passed needs no second one: the window's history is not looked through.
          .where(sql<boolean>`runs.verdict IS DISTINCT FROM 'pass'`),
      ).as('reconciled'),
    ])
    .where('units.manifest_id', '=', of.manifestId)
    .where('covers_to', '>', of.beyondMs)
    .where('covers_field', '=', of.field)
    .where('units.state', 'in', ['committed', 'prepared'])
    .orderBy('covers_to', 'desc')
    .limit(of.limit)
    .execute();
  return rows.map((row) => ({
    sourceId: row.source_id,
    windowed: row.window !== '-',
    committed: row.state === 'committed',
    fromMs: Number(row.covers_from),
    toMs: Number(row.covers_to),
    proven: row.verdict === 'pass' || Boolean(row.reconciled),
  }));
}

/** The latest ended run that reads sources as declared, and the declaration that it read. */
export async function latestForwardRun(
  catalog: CatalogReader,
  manifestId: string,
): Promise<{
  runId: string;
  batchId: string;
  state: RunState;
  body: string;
} | null> {
  const row = await catalog
    .selectFrom('runs')
    .innerJoin('manifests', (join) =>
      join
        .onRef('manifests.manifest_id', '=', 'runs.manifest_id')
        .onRef('manifests.content_hash', '=', 'runs.manifest_hash'),
    )
    .select(['run_id as runId', 'batch_id as batchId', 'state', 'body'])
    .where('runs.manifest_id', '=', manifestId)
    .where('verb', 'in', ['run', 'retry', 'rerun'])
    .where('state', '<>', 'running')
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** The verdict on the latest commit of a manifest, null in it while that is not proven; null where nothing was committed. */
export async function latestCommit(
  catalog: CatalogReader,
  manifestId: string,
): Promise<{ readonly verdict: Verdict } | null> {
  const row = await catalog
    .selectFrom('runs')
    .select('verdict')
    .where('manifest_id', '=', manifestId)
    .where('state', '=', 'committed')
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Sources that a run turned away, and whether a run before it or a recovery after it brought them in. */
export async function turnedAwayBy(
  catalog: CatalogReader,
  { manifestId, runId, limit }: { manifestId: string; runId: string; limit: number },
): Promise<{ sourceId: string; outcome: string; detail: string; broughtBy: string | null }[]> {
  return await catalog
    .selectFrom('run_assets')
    .select(({ selectFrom }) => [
      'source_id as sourceId',
      'outcome',
      'detail',
      selectFrom('units')
        .select(({ fn }) => fn.max('committed_by').as('run'))
        .whereRef('units.source_id', '=', 'run_assets.source_id')
        .where('units.manifest_id', '=', manifestId)
        .where('units.state', '=', 'committed')
        .where('units.table_name', '<>', QUARANTINE_TABLE)
        .as('broughtBy'),
    ])
    .where('run_id', '=', runId)
    .where('outcome', 'in', ['held', 'refused', 'failed'])
    .orderBy('position')
    .limit(limit)
    .execute();
}

/** How far the sources of a manifest have come: cursors less the lateness is the reader's to take off. */
export async function reachOf(
  catalog: CatalogReader,
  { manifestId, field }: { manifestId: string; field: string },
): Promise<{ sourceId: string; kind: 'cursor' | 'watermark'; value: string }[]> {
  const own = catalog
    .selectFrom('units')
    .select('source_id')
    .where('manifest_id', '=', manifestId)
    .where('covers_field', '=', field);
  const cursors = await catalog
    .selectFrom('cursors')
    .select(['source_id as sourceId', 'value'])
    .where('cursor_field', '=', field)
    .where('source_id', 'in', own)
    .execute();
  const watermarks = await catalog
    .selectFrom('watermarks')
    .select(['source_id as sourceId', 'value'])
    .where('field', '=', field)
    .where('source_id', 'in', own)
    .execute();
  return [
    ...cursors.map((row) => ({ ...row, kind: 'cursor' as const })),
    ...watermarks.map((row) => ({ ...row, kind: 'watermark' as const })),
  ];
}

/** Verifications that failed and were not mended, of sources that a manifest has units of. */
export async function failedWindows(
  catalog: CatalogReader,
  { manifestId, field }: { manifestId: string; field: string },
): Promise<{ sourceId: string; startAt: string | null; endBefore: string | null }[]> {
  return await catalog
    .selectFrom('verifications')
    .select(['source_id as sourceId', 'start_at as startAt', 'end_before as endBefore'])
    .where('verdict', '=', 'fail')
    .where('mended_by', 'is', null)
    .where('field', '=', field)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('units')
          .select('unit_key')
          .whereRef('units.source_id', '=', 'verifications.source_id')
          .where('units.manifest_id', '=', manifestId),
      ),
    )
    .execute();
}

/** Every manifest that was ever run, by id. */
export async function knownManifests(catalog: CatalogReader): Promise<string[]> {
  const rows = await catalog
    .selectFrom('manifests')
    .select('manifest_id')
    .distinct()
    .orderBy('manifest_id')
    .execute();
  return rows.map((row) => row.manifest_id);
}
